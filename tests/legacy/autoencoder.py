"""A convolutional autoencoder and a small GAN-like pair with two trainers, float16 casts and manual gradients."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(11)
images = nd.random.uniform(shape=(8, 1, 12, 12))
encoder = nn.HybridSequential(prefix="enc_")
with encoder.name_scope():
    encoder.add(nn.Conv2D(4, 3, strides=2, padding=1), nn.LeakyReLU(0.1), nn.Conv2D(8, 3, strides=2, padding=1))
decoder = nn.HybridSequential(prefix="dec_")
with decoder.name_scope():
    decoder.add(nn.Conv2DTranspose(4, 4, strides=2, padding=1), nn.BatchNorm(), nn.Activation("relu"))
    decoder.add(nn.Conv2DTranspose(1, 4, strides=2, padding=1), nn.HybridLambda("sigmoid"))
for net in (encoder, decoder):
    net.initialize(mx.init.MSRAPrelu())
trainer = gluon.Trainer(
    list(encoder.collect_params().values()) + list(decoder.collect_params().values()), "adam", {"learning_rate": 0.01}
)
l2 = gluon.loss.L2Loss()
for i in range(4):
    with autograd.record():
        code = encoder(images)
        restored = decoder(code)
        loss = l2(restored, images)
    loss.backward()
    trainer.step(images.shape[0])
    print("%d %.5f" % (i, loss.mean().asscalar()), code.shape, restored.shape)

gen, disc = nn.Sequential(prefix="g_"), nn.Sequential(prefix="d_")
with gen.name_scope():
    gen.add(nn.Dense(8, activation="relu"), nn.Dense(2))
with disc.name_scope():
    disc.add(nn.Dense(8, activation="tanh"), nn.Dense(1))
gen.initialize(mx.init.Normal(0.2))
disc.initialize(mx.init.Normal(0.2))
gt = gluon.Trainer(gen.collect_params(), "sgd", {"learning_rate": 0.1})
dt = gluon.Trainer(disc.collect_params(), "sgd", {"learning_rate": 0.1})
bce = gluon.loss.SigmoidBinaryCrossEntropyLoss()
real = nd.random.normal(2, 0.5, shape=(16, 2))
ones, zeros = nd.ones((16,)), nd.zeros((16,))
for i in range(3):
    noise = nd.random.normal(shape=(16, 3))
    with autograd.record():
        fake = gen(noise)
        d_loss = bce(disc(real), ones) + bce(disc(fake.detach()), zeros)
    d_loss.backward()
    dt.step(16)
    with autograd.record():
        g_loss = bce(disc(gen(noise)), ones)
    g_loss.backward()
    gt.step(16)
    print("d %.5f g %.5f" % (d_loss.mean().asscalar(), g_loss.mean().asscalar()))

x = nd.arange(6).reshape((2, 3))
x.attach_grad()
with autograd.record():
    y = (x * 2).sum(axis=1) ** 2
    z = nd.concat(y, y[::-1], dim=0)
z.backward(nd.array([1, 2, 3, 4]))
print(x.grad)
h = x.astype("float16")
print(h.dtype, (h + 1).dtype, nd.cast(h, dtype="int32").dtype, x.T.shape, x.argmax(axis=1), (x > 2).sum())
net = nn.Dense(2, in_units=3)
net.initialize(mx.init.One())
net.cast("float64")
print(net(x.astype("float64")).dtype, net.weight.data().dtype)
print(np.round(nd.softmax(x).asnumpy(), 4), nd.topk(x, k=2, ret_typ="both")[0], nd.one_hot(nd.array([1, 0]), 3))
