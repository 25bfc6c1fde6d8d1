"""A multilayer perceptron with FeedForward on numpy arrays, from before Module."""

import logging
import re
import warnings

import mxnet as mx
import numpy as np


class Lines(logging.Handler):
    def emit(self, record):
        print(re.sub(r"(Speed: |cost=)[\d.]+", r"\1", record.getMessage()))


warnings.simplefilter("ignore")
logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(logging.INFO)
np.random.seed(9)
mx.random.seed(9)

X = np.random.normal(0, 1, (90, 6)).astype(np.float32)
y = (X[:, 0] + X[:, 1] ** 2 > 0.8).astype(np.float32)

data = mx.symbol.Variable("data")
fc1 = mx.symbol.FullyConnected(data, name="fc1", num_hidden=16)
act1 = mx.symbol.Activation(fc1, name="relu1", act_type="relu")
fc2 = mx.symbol.FullyConnected(act1, name="fc2", num_hidden=2)
mlp = mx.symbol.SoftmaxOutput(fc2, name="softmax")

model = mx.model.FeedForward(
    mlp, num_epoch=6, learning_rate=0.3, momentum=0.9, wd=1e-4, numpy_batch_size=30, initializer=mx.init.Uniform(0.3)
)
model.fit(X, y, eval_data=(X, y), batch_end_callback=mx.callback.Speedometer(30, 1))
print("accuracy %.3f" % model.score(mx.io.NDArrayIter(X, y, 30)))
prob = model.predict(X)
print(type(prob).__name__, prob.shape, prob[:3])
model.save("mlp")
again = mx.model.FeedForward.load("mlp", 6, num_epoch=8, ctx=[mx.cpu(0), mx.cpu(1)], learning_rate=0.1)
again.fit(mx.io.NDArrayIter(X, y, 30), eval_data=mx.io.NDArrayIter(X, y, 30), eval_metric="ce")
print({k: round(float(v.norm().asscalar()), 4) for k, v in sorted(again.arg_params.items())})
outputs, inputs, labels = again.predict(mx.io.NDArrayIter(X[:40], y[:40], 30), return_data=True)
print(outputs.shape, inputs.shape, labels.shape, "%.4f" % outputs[:, 1].sum())
made = mx.model.FeedForward.create(
    mlp,
    X=mx.io.NDArrayIter(X, y, 30),
    num_epoch=2,
    optimizer="rmsprop",
    learning_rate=0.01,
    initializer=mx.init.Xavier(),
)
print("%.5f" % made.arg_params["fc1_weight"].norm().asscalar())
