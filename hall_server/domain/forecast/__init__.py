"""How long a wait may take: nominal times, learnt times, a simulation of the whole hall."""

from hall_server.domain.forecast.nominal import Wait, Work, estimate

__all__ = ["Wait", "Work", "estimate"]
