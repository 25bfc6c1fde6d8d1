"""Tests of mxgluon_compat.gluon.contrib.cnn."""
