"""The classic script: LeNet on digits with mod.fit, Speedometer, checkpoints; then it goes on from a checkpoint."""

import logging
import re
import sys

import mxnet as mx
import numpy as np


class Lines(logging.Handler):
    def emit(self, record):
        print(re.sub(r"(Speed: |cost=)[\d.]+", r"\1", record.getMessage()))
        sys.stdout.flush()


logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(logging.INFO)
np.random.seed(5)
mx.random.seed(5)

BATCH, CLASSES = 16, 4


def synthetic(count):
    labels = np.random.randint(0, CLASSES, count)
    images = np.random.uniform(0, 0.6, (count, 1, 12, 12)).astype(np.float32)
    for image, label in zip(images, labels):
        image[0, 3 * label : 3 * label + 3, ::2] += 0.6
    return images, labels.astype(np.float32)


def lenet():
    data = mx.sym.Variable("data")
    conv = mx.sym.Convolution(data=data, kernel=(3, 3), num_filter=6, name="conv1")
    act = mx.sym.Activation(data=conv, act_type="tanh", name="tanh1")
    pool = mx.sym.Pooling(data=act, pool_type="max", kernel=(2, 2), stride=(2, 2), name="pool1")
    hidden = mx.sym.FullyConnected(data=mx.sym.Flatten(data=pool), num_hidden=20, name="fc1")
    out = mx.sym.FullyConnected(data=mx.sym.Activation(data=hidden, act_type="tanh"), num_hidden=CLASSES, name="fc2")
    return mx.sym.SoftmaxOutput(data=out, name="softmax")


train = mx.io.NDArrayIter(*synthetic(128), batch_size=BATCH, shuffle=True)
val = mx.io.NDArrayIter(*synthetic(40), batch_size=BATCH)
optimizer_params = {"learning_rate": 0.1, "momentum": 0.9, "wd": 1e-4}

mod = mx.mod.Module(lenet(), context=mx.cpu())
mod.fit(
    train,
    eval_data=val,
    eval_metric=["acc", "ce"],
    optimizer="sgd",
    optimizer_params=optimizer_params,
    initializer=mx.init.Xavier(),
    batch_end_callback=mx.callback.Speedometer(BATCH, 3),
    epoch_end_callback=mx.callback.do_checkpoint("lenet"),
    num_epoch=3,
)
print("score", mod.score(val, ["acc", "ce"]))

# resume
sym, arg_params, aux_params = mx.model.load_checkpoint("lenet", 2)
again = mx.mod.Module(sym, context=[mx.cpu(0), mx.cpu(1)])
again.fit(
    train,
    eval_data=val,
    eval_metric="acc",
    optimizer_params=(("learning_rate", 0.05),),
    arg_params=arg_params,
    aux_params=aux_params,
    begin_epoch=2,
    num_epoch=4,
    epoch_end_callback=mx.callback.module_checkpoint(again, "again", 2, True),
)
prob = again.predict(val)
print(prob.shape, prob.asnumpy().max(axis=1)[:4])

# features of a trained net
internals = again.symbol.get_internals()
features = mx.mod.Module(internals["fc1_output"], label_names=None)
features.bind(data_shapes=val.provide_data, for_training=False)
features.set_params(*again.get_params(), allow_extra=True)
print("features", features.predict(val).shape, "%.4f" % features.predict(val).norm().asscalar())

# fine-tuning with a new last layer, the first fixed
out = mx.sym.FullyConnected(data=internals["fc1_output"], num_hidden=2, name="new")
tuned = mx.mod.Module(mx.sym.SoftmaxOutput(out, name="softmax"), fixed_param_names=["conv1_weight", "conv1_bias"])
halves = mx.io.NDArrayIter(train.data[0][1], mx.nd.array(train.label[0][1].asnumpy() > 1), BATCH)
tuned.fit(halves, num_epoch=2, arg_params=arg_params, aux_params=aux_params, allow_missing=True)
same = (tuned.get_params()[0]["conv1_weight"].asnumpy() == arg_params["conv1_weight"].asnumpy()).all()
print("fixed", same, "%.5f" % tuned.get_params()[0]["new_weight"].norm().asscalar())

# by hand, with the gradient of the images
hand = mx.mod.Module.load("again", 4, load_optimizer_states=True)
hand.bind(train.provide_data, train.provide_label, inputs_need_grad=True)
hand.init_optimizer(optimizer_params={"learning_rate": 0.05})
train.reset()
metric = mx.metric.Accuracy()
for batch in train:
    hand.forward(batch, is_train=True)
    hand.update_metric(metric, batch.label)
    hand.backward()
    hand.update()
print(metric.get(), "%.5f" % hand.get_input_grads()[0].norm().asscalar())
