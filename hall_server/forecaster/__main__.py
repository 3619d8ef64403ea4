"""``python -m hall_server.forecaster``, started by the server only."""

import sys

from hall_server.forecaster.worker import main

sys.exit(main())
