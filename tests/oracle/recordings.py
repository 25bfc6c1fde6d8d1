"""Record small trainings under real MXNet and write tests/golden/recordings.

Usage: ORACLE_PYTHON -m tests.oracle.recordings    (see tools/oracle.sh)

``train`` and its kin run here too, where their faults are planted: what MXNet did without them is in the recordings.
"""

import os
import runpy
import subprocess
import sys

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "tests", "golden", "recordings")
RECORDER = os.path.join(ROOT, "mxgluon_compat", "interop", "parity", "recorder.py")
# {name: options of the recorder, the script of an example, its arguments}
EXAMPLES = {
    "digits": ("--steps 5 --sample 8", "digits/train.py", "--epochs 1 --batch-size 16"),
    "tutorial_blocks": ("--steps 4 --sample 8", "tutorial_blocks/train.py", ""),
    "word_language_model": ("--steps 3 --sample 8", "word_language_model/train.py", "--emsize 32 --nhid 32 --epochs 1"),
    "dcgan": ("--steps 4 --sample 8", "dcgan/train.py", "--images 64 --batch-size 16 --ngf 8 --ndf 8 --epochs 1"),
}
# {name: whether the net of train() is hybridized, with how many Trainers}
TRAININGS = {"plain": False, "hybridized": True}


def train(mx, hybridize=False, fault=None, steps=9):
    """Trains a small net, with or without a fault.

    Faults: ``epsilon`` (of the second BatchNorm), ``init`` (of the Dense "middle"), ``batch`` (at step 7, its rows in
    another order), ``other batch`` (step 7 gets the batch of step 3), ``rate`` (from step 4 on), ``dropout``,
    ``momentum`` (of the first BatchNorm), ``loss``, ``dtype``, ``short`` (two steps less), ``gradient`` (step 2).
    """
    nn = mx.gluon.nn
    norm = dict(epsilon=1e-3) if fault == "epsilon" else {}

    class Net(nn.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.features = nn.HybridSequential()
                self.features.add(nn.Conv2D(4, 3), nn.BatchNorm(momentum=0.8 if fault == "momentum" else 0.9))
                self.features.add(nn.Activation("relu"), nn.Conv2D(6, 3, use_bias=False), nn.BatchNorm(**norm))
                init = mx.init.Normal(0.05) if fault == "init" else None
                self.middle = nn.Dense(12, activation="tanh", weight_initializer=init)
                self.drop = nn.Dropout(0.4 if fault == "dropout" else 0.25)
                self.last = nn.Dense(5)

        def hybrid_forward(self, F, x):  # noqa: N803
            return self.last(self.drop(self.middle(F.relu(self.features(x)))))

    net = Net()
    net.initialize(mx.init.Xavier(rnd_type="gaussian"))
    if hybridize:
        net.hybridize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})
    loss_fn = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    data = np.random.RandomState(5).normal(size=(steps * 8, 2, 8, 8)).astype("float32")
    label = np.random.RandomState(6).randint(0, 5, size=steps * 8).astype("float32")
    for step in range(steps - 2 if fault == "short" else steps):
        rows = np.arange(step * 8, step * 8 + 8)
        if step == 7 and fault == "batch":
            rows = rows[::-1]
        if step == 7 and fault == "other batch":
            rows = rows - 32
        x, y = mx.nd.array(data[rows], dtype="float64" if fault == "dtype" else "float32"), mx.nd.array(label[rows])
        if fault == "dtype":
            net.cast("float64")
        with mx.autograd.record():
            loss = loss_fn(net(x), y)
            if fault == "loss" and step == 2:
                loss = loss * 1.01
        loss.backward()
        if fault == "gradient" and step == 2:
            grad = net.middle.weight.grad()
            grad[:] = grad * 1.1
        if fault == "rate" and step == 4:
            trainer.set_learning_rate(0.04)
        trainer.step(8)
    return net


def train_module(mx, fault=None, steps=9):
    """Trains a small graph with ``Module.fit``, with or without a fault.

    Faults: ``epsilon`` (of the second BatchNorm), ``init`` (of fc1), ``batch`` (at step 7, its rows in another order),
    ``rate`` (from step 4 on), ``gradient`` (of the loss), ``dropout``, ``momentum`` (of the first BatchNorm).
    """
    sym = mx.sym
    x = sym.Convolution(sym.var("data"), kernel=(3, 3), num_filter=4, name="conv1")
    x = sym.BatchNorm(x, fix_gamma=False, momentum=0.8 if fault == "momentum" else 0.9, name="bn1")
    x = sym.Convolution(sym.Activation(x, act_type="relu", name="relu1"), kernel=(3, 3), num_filter=6, no_bias=True,
                        name="conv2")  # fmt: skip
    x = sym.BatchNorm(x, fix_gamma=False, eps=1e-2 if fault == "epsilon" else 1e-3, name="bn2")
    weight = sym.var("fc1_weight", init=mx.init.Normal(0.05)) if fault == "init" else sym.var("fc1_weight")
    x = sym.FullyConnected(sym.Flatten(x, name="flat"), weight, num_hidden=12, name="fc1")
    x = sym.Activation(x, act_type="tanh", name="tanh1")
    x = sym.Dropout(x, p=0.4 if fault == "dropout" else 0.25, name="drop")
    x = sym.FullyConnected(x, num_hidden=5, name="fc2")
    graph = sym.SoftmaxOutput(x, grad_scale=1.1 if fault == "gradient" else 1.0, name="softmax")
    data = np.random.RandomState(5).normal(size=(steps * 8, 2, 8, 8)).astype("float32")
    label = np.random.RandomState(6).randint(0, 5, size=steps * 8).astype("float32")
    rows = np.arange(steps * 8)
    if fault == "batch":
        rows[56:64] = rows[56:64][::-1]
    module = mx.mod.Module(graph)

    def after_each(params):
        if fault == "rate" and params.nbatch == 3:
            module._optimizer.lr = 0.04

    module.fit(mx.io.NDArrayIter(data[rows], label[rows], 8), num_epoch=1, initializer=mx.init.Xavier(),
               optimizer_params={"learning_rate": 0.05, "momentum": 0.9}, batch_end_callback=after_each)  # fmt: skip
    return module


def train_buckets(mx, fault=None):
    """Trains a graph for each length of sentences, with or without a fault: ``init`` (of the embedding)."""

    def graph(key):
        data = mx.sym.var("data")
        init = mx.init.Normal(0.2) if fault == "init" else None
        x = mx.sym.Embedding(data, mx.sym.var("embed_weight", init=init), input_dim=11, output_dim=4, name="embed")
        cell = mx.rnn.LSTMCell(num_hidden=3, prefix="lstm_")
        outputs, _ = cell.unroll(key, inputs=x, merge_outputs=True)
        x = mx.sym.FullyConnected(mx.sym.Reshape(outputs, shape=(-1, 3)), num_hidden=11, name="fc")
        out = mx.sym.SoftmaxOutput(x, mx.sym.Reshape(mx.sym.var("softmax_label"), shape=(-1,)), name="softmax")
        return out, ("data",), ("softmax_label",)

    module = mx.mod.BucketingModule(graph, default_bucket_key=5)
    module.bind([("data", (4, 5))], [("softmax_label", (4, 5))])
    module.init_params(mx.init.Uniform(0.3))
    module.init_optimizer(optimizer="adam")
    random = np.random.RandomState(1)
    for key in (5, 3, 5, 4, 3):
        words = random.randint(0, 11, (4, key + 1)).astype("float32")
        batch = mx.io.DataBatch(
            [mx.nd.array(words[:, :-1])], [mx.nd.array(words[:, 1:])], bucket_key=key,
            provide_data=[("data", (4, key))], provide_label=[("softmax_label", (4, key))],
        )  # fmt: skip
        module.forward_backward(batch)
        module.update()
    return module


# {name: what is recorded}, of Modules
MODULES = {"module": train_module, "buckets": train_buckets}


def main():
    import mxnet as mx

    recorder = runpy.run_path(RECORDER)
    for name, hybridize in TRAININGS.items():
        with recorder["Recorder"](mx, os.path.join(FOLDER, name + ".rec"), seed=3, sample=8):
            train(mx, hybridize)
    for name, body in MODULES.items():
        with recorder["Recorder"](mx, os.path.join(FOLDER, name + ".rec"), seed=3, sample=8):
            body(mx)
    for name, (options, script, arguments) in EXAMPLES.items():
        command = [sys.executable, RECORDER, "--record", os.path.join(FOLDER, name + ".rec")] + options.split()
        script = os.path.join("examples", script)
        subprocess.run(command + [script] + arguments.split(), check=True, cwd=ROOT)
    for name in sorted(os.listdir(FOLDER)):
        print(name, os.path.getsize(os.path.join(FOLDER, name)), "bytes")


if __name__ == "__main__":
    main()
