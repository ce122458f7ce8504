"""Threads of scikit-learn wait asleep, as in the service: on a busy machine spinning takes long."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
