"""Image classification with Module, as MXNet's examples have it: each worker has its part of the data."""

import argparse
import logging
import re

import mxnet as mx
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--kv-store", default="dist_sync")
parser.add_argument("--num-epochs", type=int, default=3)
parser.add_argument("--batch-size", type=int, default=8, help="of one worker")
parser.add_argument("--model-prefix", default=None)
args = parser.parse_args()


class Lines(logging.Handler):
    def emit(self, record):
        if kv.rank == 0 and not record.getMessage().startswith("Update"):  # the optimizer's, which MXNet's server has
            print(re.sub(r"(Speed: |cost=)[\d.]+", r"\1", record.getMessage()))


kv = mx.kvstore.create(args.kv_store)
logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(logging.INFO)


def get_mlp():
    data = mx.sym.Flatten(mx.sym.Variable("data"))
    act1 = mx.sym.Activation(mx.sym.FullyConnected(data=data, name="fc1", num_hidden=12), name="relu1", act_type="relu")
    fc2 = mx.sym.FullyConnected(data=act1, name="fc2", num_hidden=3)
    return mx.sym.SoftmaxOutput(data=fc2, name="softmax")


random = np.random.RandomState(3)
X = random.uniform(-1, 1, (96, 1, 4, 4)).astype("float32")
y = (X.mean(axis=(1, 2, 3)) * 8 + 1).clip(0, 2).round().astype("float32")
part = slice(kv.rank * 96 // kv.num_workers, (kv.rank + 1) * 96 // kv.num_workers)
train = mx.io.NDArrayIter(X[part], y[part], args.batch_size)
val = mx.io.NDArrayIter(X[:24], y[:24], args.batch_size)

mx.random.seed(7 + kv.rank)  # the first worker's values are everybody's
epoch_size = 96 // args.batch_size // kv.num_workers
scheduler = mx.lr_scheduler.MultiFactorScheduler(step=[epoch_size * 2], factor=0.5, base_lr=0.2)
model = mx.mod.Module(context=mx.cpu(), symbol=get_mlp())
model.fit(
    train,
    begin_epoch=0,
    num_epoch=args.num_epochs,
    eval_data=val,
    eval_metric=["accuracy", "ce"],
    kvstore=kv,
    optimizer="sgd",
    optimizer_params={"momentum": 0.9, "wd": 1e-4, "lr_scheduler": scheduler},
    initializer=mx.init.Xavier(rnd_type="gaussian", factor_type="in", magnitude=2),
    batch_end_callback=[mx.callback.Speedometer(args.batch_size, 2)],
    allow_missing=True,
)
arguments, _ = model.get_params()
if kv.rank == 0:
    print("rescale_grad", round(model._optimizer.rescale_grad, 6), model._update_on_kvstore, kv.type, kv.num_workers)
    for name in sorted(arguments):
        print(name, round(float(np.abs(arguments[name].asnumpy()).sum()), 5))
model.score(val, "acc")
kv._barrier()
