"""Services made by rule: where a notice gives only how many there are."""

from itertools import islice, product

from hall_server.hallfile.schema import CategoryEntry, GeneratedServices, HallFile, ServiceEntry


def made_by(rule: GeneratedServices) -> list[ServiceEntry]:
    """The services of one rule, ``prefix-001`` and so on: the first subject with each act, then
    the second. Fewer than ``count`` when the words do not suffice, which the rules refuse."""
    names = islice(product(rule.subjects, rule.acts), rule.count)
    return [
        ServiceEntry(
            id=f"{rule.prefix}-{number:03d}",
            name=f"{subject}{act}",
            kind=rule.kind,
            minutes=rule.minutes,
            daily_max=rule.daily_max,
            slots=rule.slots,
        )
        for number, (subject, act) in enumerate(names, start=1)
    ]


def services_of(category: CategoryEntry) -> list[ServiceEntry]:
    """The category's own services, then its generated ones."""
    return [*category.services, *(s for rule in category.generated for s in made_by(rule))]


def expand(hall_file: HallFile) -> HallFile:
    """The same hall with every generated service a real entry, and no rule left to make more."""
    categories = [
        category.model_copy(update={"services": services_of(category), "generated": []})
        for category in hall_file.categories
    ]
    return hall_file.model_copy(update={"categories": categories})
