"""The default engine: bcftools, as embedded in pysam's wheel, in child processes only.

Nothing is imported here until it is asked for: children start through this package too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gas.engines.bcftools.demo import DemoFiles, make_demo
    from gas.engines.bcftools.engine import BcftoolsEngine
    from gas.engines.bcftools.install import add_reference, remove_reference
    from gas.engines.bcftools.references import InstalledReferences

__all__ = [
    "BcftoolsEngine",
    "DemoFiles",
    "InstalledReferences",
    "add_reference",
    "make_demo",
    "remove_reference",
]

_MODULE_BY_NAME = {
    "BcftoolsEngine": "engine",
    "DemoFiles": "demo",
    "InstalledReferences": "references",
    "add_reference": "install",
    "make_demo": "demo",
    "remove_reference": "install",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_BY_NAME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULE_BY_NAME[name]}"), name)
