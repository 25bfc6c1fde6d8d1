"""Neural style: a picture is the parameter; features come from layers of a fixed network, losses from Gram matrices."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

mx.random.seed(89)
np.random.seed(89)

pretrained_net = nn.HybridSequential(prefix="vgg_")
with pretrained_net.name_scope():
    for channels in (4, 6):
        pretrained_net.add(nn.Conv2D(channels, 3, padding=1), nn.Activation("relu"))
        pretrained_net.add(nn.Conv2D(channels, 3, padding=1), nn.Activation("relu"), nn.AvgPool2D())
pretrained_net.initialize(init.Xavier(magnitude=3))
rgb_mean, rgb_std = nd.array([0.485, 0.456, 0.406]), nd.array([0.229, 0.224, 0.225])


def preprocess(img):
    return ((img / 255 - rgb_mean) / rgb_std).transpose((2, 0, 1)).expand_dims(axis=0)


def postprocess(img):
    return ((img[0].transpose((1, 2, 0)) * rgb_std) + rgb_mean).clip(0, 1)


yy, xx = np.mgrid[0:12, 0:12]
content_img = nd.array(np.stack([yy * 20, xx * 20, (yy + xx) * 10], axis=2), dtype="float32")
style_img = nd.array(np.stack([(yy % 3) * 100, (xx % 2) * 200, (xx * yy) % 255], axis=2), dtype="float32")
style_layers, content_layers = [0, 2, 5], [7]
net = nn.Sequential()
for i in range(max(content_layers + style_layers) + 1):
    net.add(pretrained_net[i])
print(net, list(net.collect_params())[:2])


def extract_features(X, content_layers, style_layers):
    contents = []
    styles = []
    for i in range(len(net)):
        X = net[i](X)
        if i in style_layers:
            styles.append(X)
        if i in content_layers:
            contents.append(X)
    return contents, styles


def content_loss(Y_hat, Y):
    return (Y_hat - Y).square().mean()


def gram(X):
    num_channels, n = X.shape[1], X.size // X.shape[1]
    X = X.reshape((num_channels, n))
    return nd.dot(X, X.T) / (num_channels * n)


def style_loss(Y_hat, gram_Y):
    return (gram(Y_hat) - gram_Y).square().mean()


def tv_loss(Y_hat):
    return 0.5 * (
        (Y_hat[:, :, 1:, :] - Y_hat[:, :, :-1, :]).abs().mean()
        + (Y_hat[:, :, :, 1:] - Y_hat[:, :, :, :-1]).abs().mean()
    )


class GeneratedImage(nn.Block):
    def __init__(self, img_shape, **kwargs):
        super(GeneratedImage, self).__init__(**kwargs)
        self.weight = self.params.get("weight", shape=img_shape)

    def forward(self):
        return self.weight.data()


content_X, style_X = preprocess(content_img), preprocess(style_img)
contents_Y, _ = extract_features(content_X, content_layers, style_layers)
_, styles_Y = extract_features(style_X, content_layers, style_layers)
styles_Y_gram = [gram(Y) for Y in styles_Y]
gen_img = GeneratedImage(content_X.shape)
gen_img.initialize(init.Constant(content_X), ctx=mx.cpu(), force_reinit=True)
print(nd.abs(gen_img() - content_X).max().asscalar())
trainer = gluon.Trainer(gen_img.collect_params(), "adam", {"learning_rate": 0.05})
for i in range(6):
    with autograd.record():
        X = gen_img()
        contents_Y_hat, styles_Y_hat = extract_features(X, content_layers, style_layers)
        contents_l = [content_loss(a, b) for a, b in zip(contents_Y_hat, contents_Y)]
        styles_l = [style_loss(a, b) * 1e2 for a, b in zip(styles_Y_hat, styles_Y_gram)]
        tv_l = tv_loss(X) * 0.1
        l = nd.add_n(*styles_l) + nd.add_n(*contents_l) + tv_l
    l.backward()
    trainer.step(1)
    nd.waitall()
    if i % 2 == 0:
        print(
            "epoch %d, content %.4f, style %.4f, tv %.4f, lr %g"
            % (
                i,
                nd.add_n(*contents_l).asscalar(),
                nd.add_n(*styles_l).asscalar(),
                tv_l.asscalar(),
                trainer.learning_rate,
            )
        )
        trainer.set_learning_rate(trainer.learning_rate * 0.5)
picture = postprocess(gen_img())
print(picture.shape, "%.4f %.4f" % (picture.min().asscalar(), picture.mean().asscalar()))
print(gen_img, gen_img.collect_params())
print("%.4f" % nd.norm(pretrained_net[0].weight.data()).asscalar())
try:
    gen_img(1)
except TypeError:
    print("TypeError")
