"""A spatial transformer in front of a classifier, and the operators that move pixels."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(13)
np.random.seed(13)


class STN(gluon.HybridBlock):
    def __init__(self, **kwargs):
        super(STN, self).__init__(**kwargs)
        with self.name_scope():
            self.localization = nn.HybridSequential()
            self.localization.add(nn.Conv2D(4, 5, activation="relu"), nn.MaxPool2D(), nn.Flatten())
            same = mx.init.Constant(nd.array([1.0, 0, 0, 0, 1.0, 0]))
            self.localization.add(nn.Dense(6, weight_initializer="zeros", bias_initializer=same))
            self.features = nn.HybridSequential()
            self.features.add(nn.Conv2D(6, 3, activation="relu"), nn.GlobalAvgPool2D(), nn.Dense(3))

    def hybrid_forward(self, F, x):
        theta = self.localization(x)
        moved = F.SpatialTransformer(x, theta, target_shape=(12, 12), transform_type="affine", sampler_type="bilinear")
        return self.features(moved), theta


images = nd.random.normal(shape=(6, 1, 16, 16))
labels = nd.array([0, 1, 2, 0, 1, 2])
for i in range(6):
    images[i, 0, 4 + i : 8 + i, 2 * (i % 3) : 2 * (i % 3) + 6] += 2
net = STN(prefix="stn_")
net.initialize(mx.init.Xavier())
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01, "momentum": 0.9})
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for step in range(6):
    with autograd.record():
        scores, theta = net(images)
        loss = loss_fn(scores, labels)
    loss.backward()
    trainer.step(6)
    print(step, "%.4f" % loss.mean().asscalar(), np.round(theta[0].asnumpy(), 4))

x = images[:2]
angle = 0.3
affine = nd.array([[np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0]] * 2)
grid = nd.GridGenerator(affine, transform_type="affine", target_shape=(8, 8))
turned = nd.BilinearSampler(x, grid)
print(grid.shape, turned.shape, "%.5f" % turned.sum().asscalar())
flow = nd.random.uniform(-1, 1, shape=(2, 2, 16, 16))
flow.attach_grad()
with autograd.record():
    warped = nd.BilinearSampler(x, nd.GridGenerator(flow, transform_type="warp"))
    loss = (warped - x).square().mean()
loss.backward()
print("%.5f %.6f" % (loss.asscalar(), flow.grad.abs().mean().asscalar()))
cost = nd.Correlation(x, warped, kernel_size=1, max_displacement=2, stride1=1, stride2=1, pad_size=2)
print(cost.shape, "%.5f" % cost.mean().asscalar())
print("%.5f" % nd.contrib.BilinearResize2D(x, height=9, width=7).sum().asscalar())
print("%.5f" % nd.UpSampling(x, scale=2, sample_type="nearest").sum().asscalar())
print(np.round(nd.contrib.AdaptiveAvgPooling2D(x, output_size=(2, 2)).asnumpy().ravel(), 4))
rois = nd.array([[0, 0, 0, 10, 10], [1, 2.5, 3.5, 14, 12.25]])
for pooled in (
    nd.ROIPooling(x, rois, pooled_size=(3, 3), spatial_scale=1.0),
    nd.contrib.ROIAlign(x, rois, pooled_size=(3, 3), spatial_scale=1.0, sample_ratio=2),
):
    print(pooled.shape, np.round(pooled.asnumpy()[1].ravel(), 4))
