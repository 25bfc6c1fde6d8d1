"""Record small trainings under real MXNet and write tests/golden/recordings.

Usage: ORACLE_PYTHON -m tests.oracle.recordings    (see tools/oracle.sh)

``train`` runs here too, where its faults are planted: what of it MXNet did without them is in the recording.
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


def main():
    import mxnet as mx

    recorder = runpy.run_path(RECORDER)
    for name, hybridize in TRAININGS.items():
        with recorder["Recorder"](mx, os.path.join(FOLDER, name + ".rec"), seed=3, sample=8):
            train(mx, hybridize)
    for name, (options, script, arguments) in EXAMPLES.items():
        command = [sys.executable, RECORDER, "--record", os.path.join(FOLDER, name + ".rec")] + options.split()
        script = os.path.join("examples", script)
        subprocess.run(command + [script] + arguments.split(), check=True, cwd=ROOT)
    for name in sorted(os.listdir(FOLDER)):
        print(name, os.path.getsize(os.path.join(FOLDER, name)), "bytes")


if __name__ == "__main__":
    main()
