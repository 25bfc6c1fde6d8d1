"""The package is described in setup.cfg; this file puts the migration guide, which ``doctor`` reads, into it."""

import pathlib
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

GUIDE = "migration_guide.md"


class BuildWithGuide(build_py):
    """Copies the guide beside the modules."""

    def run(self):
        super().run()
        if not getattr(self, "editable_mode", False):  # a checkout has it at its top
            package = pathlib.Path(self.build_lib, "mxgluon_compat")
            shutil.copyfile(pathlib.Path(__file__).with_name(GUIDE), package / GUIDE)


setup(cmdclass={"build_py": BuildWithGuide})
