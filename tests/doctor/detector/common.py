import mxnet as mx

nd = mx.nd
F = mx.nd
ctx = mx.cpu() if mx.context.num_gpus() == 0 else mx.gpu()
