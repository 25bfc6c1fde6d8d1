from tests.oracle import amp_float16
from tests.scenarios import against_mxnet
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(amp_float16)
