"""A small DCGAN: two networks, two trainers, labels for real and fake images, and a frozen judge."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(7)
np.random.seed(7)
ctx = mx.cpu()
batch_size, latent = 8, 6

G = nn.HybridSequential(prefix="generator_")
with G.name_scope():
    # latent x 1 x 1 -> 8 x 4 x 4 -> 1 x 8 x 8
    G.add(nn.Conv2DTranspose(8, 4, 1, 0, use_bias=False))
    G.add(nn.BatchNorm())
    G.add(nn.Activation("relu"))
    G.add(nn.Conv2DTranspose(1, 4, strides=2, padding=1, use_bias=False))
    G.add(nn.Activation("tanh"))
D = nn.HybridSequential(prefix="discriminator_")
with D.name_scope():
    D.add(nn.Conv2D(8, 4, 2, 1, use_bias=False))
    D.add(nn.LeakyReLU(0.2))
    D.add(nn.Conv2D(12, 3, padding=1, use_bias=False))
    D.add(nn.BatchNorm(momentum=0.8))
    D.add(nn.LeakyReLU(0.2))
    D.add(nn.Conv2D(1, 4, 1, 0, use_bias=False))
print(G)
print(D)
for net in (G, D):
    net.initialize(mx.init.Normal(0.05), ctx=ctx)
G.summary(nd.zeros((2, latent, 1, 1)))
D.summary(G(nd.zeros((2, latent, 1, 1))))
for net in (G, D):
    net.hybridize()

trainerG = gluon.Trainer(G.collect_params(), "adam", {"learning_rate": 0.002, "beta1": 0.5})
trainerD = gluon.Trainer(D.collect_params(), "adam", {"learning_rate": 0.002, "beta1": 0.5})
loss = gluon.loss.SigmoidBinaryCrossEntropyLoss()


def facc(label, pred):
    pred = 1.0 / (1.0 + np.exp(-pred.ravel()))
    label = label.ravel()
    return ((pred > 0.5) == label).mean()


metric = mx.metric.CustomMetric(facc)
train = gluon.data.DataLoader(
    gluon.data.ArrayDataset(np.tanh(np.random.normal(size=(24, 1, 8, 8)).cumsum(axis=3)).astype("float32")),
    batch_size=batch_size, shuffle=False, last_batch="discard",
)  # fmt: skip
real_label = nd.ones((batch_size,), ctx=ctx)
fake_label = nd.zeros((batch_size,), ctx=ctx)
for epoch in range(2):
    for real in train:
        noise = nd.random.normal(0, 1, shape=(batch_size, latent, 1, 1), ctx=ctx)
        # maximize log(D(x)) + log(1 - D(G(z)))
        with autograd.record():
            output = D(real).reshape((-1, 1))
            errD_real = loss(output, real_label)
            metric.update([real_label], [output])
            fake = G(noise)
            output = D(fake.detach()).reshape((-1, 1))
            errD_fake = loss(output, fake_label)
            errD = errD_real + errD_fake
            errD.backward()
        metric.update([fake_label], [output])
        trainerD.step(batch_size)
        # maximize log(D(G(z)))
        with autograd.record():
            fake = G(noise)
            output = D(fake).reshape((-1, 1))
            errG = loss(output, real_label)
            errG.backward()
        trainerG.step(batch_size)
        print("  D %.4f  G %.4f" % (nd.mean(errD).asscalar(), nd.mean(errG).asscalar()))
    print("epoch %d" % epoch, metric.get()[0], "%.4f" % metric.get()[1])
    metric.reset()
print(fake.shape, "%.4f" % fake.abs().mean().asscalar())

# the judge frozen: its gradients are not made, the generator's are
before = {k: p.data().asnumpy() for k, p in D.collect_params(".*weight").items()}
D.collect_params().setattr("grad_req", "null")
print([p.grad_req for p in D.collect_params().values()])
try:
    D[0].weight.grad()
except RuntimeError as e:
    print(type(e).__name__, e)
with autograd.record():
    errG = loss(D(G(noise)).reshape((-1, 1)), real_label)
errG.backward()
print("%.3e" % G[0].weight.grad().abs().mean().asscalar())
trainerG.step(batch_size)
trainerD.step(batch_size, ignore_stale_grad=True)
print(all((before[k] == p.data().asnumpy()).all() for k, p in D.collect_params(".*weight").items()))
D.collect_params(".*(weight|gamma|beta)").setattr("grad_req", "write")
print({k[14:]: p.grad_req for k, p in sorted(D.collect_params().items())})
with autograd.record():
    errD = (loss(D(real), real_label) + loss(D(G(noise).detach()), fake_label)).mean()
errD.backward()
trainerD.step(1)
print("%.4f" % errD.asscalar(), "%.3e" % D[0].weight.grad().norm().asscalar())

# a gradient through the judge to the picture itself
picture = real.copy()
picture.attach_grad()
with autograd.record():
    score = D(picture).sum()
score.backward()
print(picture.grad.shape, "%.3e" % picture.grad.abs().max().asscalar())
with autograd.predict_mode():
    print(autograd.is_training(), D(picture).shape)
G.save_parameters("generator.params")
G2 = nn.HybridSequential()
G2.add(nn.Conv2DTranspose(8, 4, 1, 0, use_bias=False), nn.BatchNorm(), nn.Activation("relu"))
G2.add(nn.Conv2DTranspose(1, 4, strides=2, padding=1, use_bias=False), nn.Activation("tanh"))
G2.load_parameters("generator.params", ctx=ctx)
print(nd.abs(G(noise) - G2(noise)).max().asscalar())
