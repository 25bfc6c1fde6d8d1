from tests.oracle import estimator as scenario, estimator_running, estimator_checkpoints
from tests.oracle.estimator_common import tolerance
from tests.scenarios import against_mxnet
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, estimator_running, estimator_checkpoints, tolerance=tolerance)
