"""What programs written for Horovod import; see ``interop.install``."""
