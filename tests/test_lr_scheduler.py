"""Learning rate schedulers against real MXNet's: rates, log messages, state, refusals, use in optimizers."""

import copy
import pickle

import mxgluon_compat as mx
from tests.oracle import lr_scheduler, lr_schedules
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(lr_scheduler, lr_schedules, rtol=1e-14, atol=0)


def test_copies_go_on_where_the_original_is():
    scheduler = mx.lr_scheduler.FactorScheduler(2, 0.5, base_lr=0.8)
    scheduler(5)
    for other in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))):
        assert vars(other) == vars(scheduler)
        assert other(7) == 0.1
    assert scheduler(5) == 0.2
