"""Entry of the Python runtime: `python3 bootstrap.py` in the function's environment (see README.md).

The code lives in a package so that Python can keep it compiled; this file only finds it, and then leaves no trace of the
runtime's folder on sys.path, where the user's modules are looked up.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)
from surgetank_runtime.main import main  # noqa: E402

sys.path[:] = [path for path in sys.path if path != _HERE]

if __name__ == "__main__":
    main()
