"""Small nets through onnxruntime-training 1.19.2: artifacts, checkpoints, and the losses that its own runtime gives.

    python make_artifacts.py FOLDER        (onnxruntime-training 1.19.2, onnx 1.16.2, numpy 1.26)

Each folder NET-OPTIMIZER holds what generate_artifacts wrote, `checkpoint-step3` (saved after three steps), and `trace.npz`: `input`,
`labels` (six batches of four), `rate`, `loss` of each batch before its update, `final.NAME` of each parameter after six steps.
"""
import os, shutil, sys
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto as T, helper, numpy_helper
from onnxruntime.training import api, artifacts, onnxblock

ort.set_default_logger_severity(3)
N = helper.make_node
RANDOM = np.random.RandomState(0)
STATISTICS = ('rm', 'rv')


def net(inputs, nodes, weights, integers=None):
    dtype, shape = inputs
    tensors = [numpy_helper.from_array((RANDOM.randn(*w) * .5).astype('f4') if isinstance(w, tuple) else w, n) for n, w in weights.items()]
    tensors += [numpy_helper.from_array(np.array(v, 'i8'), n) for n, v in (integers or {}).items()]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, 'net', [value('x', dtype, ['n'] + shape)], [value('y', T.FLOAT, ['n', 4])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17), helper.make_opsetid('com.microsoft', 1)])
    model.ir_version = 8
    return model


ones, zeros = lambda n: np.ones(n, 'f4'), lambda n: np.zeros(n, 'f4')
M = {'domain': 'com.microsoft'}
NETS = {
    'mlp': (net((T.FLOAT, [6]), [
        N('Gemm', ['x', 'w1', 'b1'], ['a']), N('Relu', ['a'], ['r']), N('Gemm', ['r', 'w2', 'b2'], ['y']),
    ], {'w1': (6, 5), 'b1': (5,), 'w2': (5, 4), 'b2': (4,)}), artifacts.LossType.CrossEntropyLoss, 'adamw'),
    'ignored': (net((T.FLOAT, [6]), [
        N('Gemm', ['x', 'w1', 'b1'], ['y']),
    ], {'w1': (6, 4), 'b1': (4,)}), onnxblock.loss.CrossEntropyLoss(reduction='sum', ignore_index=3), 'sgd'),
    # Not with AdamW: the bias before BatchNormalization has no gradient but rounding, and AdamW makes steps of any size of that.
    'conv': (net((T.FLOAT, [2, 6, 6]), [
        N('Conv', ['x', 'w1', 'b1'], ['a'], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        N('BatchNormalization', ['a', 's', 'o', 'rm', 'rv'], ['bn', 'rm1', 'rv1'], training_mode=1), N('Relu', ['bn'], ['r']),
        N('MaxPool', ['r'], ['p'], kernel_shape=[2, 2], strides=[2, 2]), N('Flatten', ['p'], ['f']), N('Gemm', ['f', 'w2', 'b2'], ['y']),
    ], {'w1': (3, 2, 3, 3), 'b1': (3,), 's': ones(3), 'o': zeros(3), 'rm': zeros(3), 'rv': ones(3), 'w2': (27, 4), 'b2': (4,)}),
        artifacts.LossType.CrossEntropyLoss, 'sgd'),
    'acts': (net((T.FLOAT, [6]), [
        N('MatMul', ['x', 'w1'], ['a0']), N('Add', ['a0', 'b1'], ['a']), N('Sigmoid', ['a'], ['r1']), N('MatMul', ['r1', 'w2'], ['a2']),
        N('Tanh', ['a2'], ['r2']), N('MatMul', ['r2', 'w3'], ['a3']), N('Gelu', ['a3'], ['r3'], **M), N('Gemm', ['r3', 'w4'], ['a4']),
        N('LeakyRelu', ['a4'], ['r4'], alpha=.1), N('Gemm', ['r4', 'w5'], ['a5']), N('QuickGelu', ['a5'], ['y'], **M),
    ], {'w1': (6, 5), 'b1': (5,), 'w2': (5, 5), 'w3': (5, 5), 'w4': (5, 5), 'w5': (5, 4)}), artifacts.LossType.MSELoss, 'sgd'),
    'norm': (net((T.FLOAT, [3, 6]), [
        N('MatMul', ['x', 'w1'], ['a']), N('LayerNormalization', ['a', 's', 'o'], ['l', 'lm', 'li'], axis=-1), N('Softmax', ['l'], ['sm'], axis=-1),
        N('MatMul', ['sm', 'w2'], ['b']), N('FastGelu', ['b'], ['bb'], **M), N('LogSoftmax', ['bb'], ['c'], axis=1),
        N('ReduceMean', ['c'], ['y'], axes=[1], keepdims=0),
    ], {'w1': (6, 5), 's': ones(5), 'o': zeros(5), 'w2': (5, 4)}), artifacts.LossType.BCEWithLogitsLoss, 'sgd'),
    'moves': (net((T.INT64, [5]), [
        N('Gather', ['e', 'x'], ['g']), N('Slice', ['g', 's0', 's1', 'ax'], ['sl']), N('Split', ['sl', 'sp'], ['p', 'q'], axis=2),
        N('Concat', ['q', 'p'], ['c'], axis=2), N('ReduceSum', ['c', 'ax'], ['rs'], keepdims=0), N('Gemm', ['rs', 'w'], ['y']),
    ], {'e': (7, 6), 'w': (6, 4)}, {'s0': [1], 's1': [4], 'ax': [1], 'sp': [2, 4]}), artifacts.LossType.L1Loss, 'adamw'),
    'pool': (net((T.FLOAT, [2, 6, 6]), [
        N('Conv', ['x', 'w1'], ['a'], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), N('GlobalAveragePool', ['a'], ['gp']),
        N('Flatten', ['gp'], ['f']), N('Gemm', ['f', 'w2', 'b2'], ['y']),
    ], {'w1': (3, 2, 3, 3), 'w2': (3, 4), 'b2': (4,)}), artifacts.LossType.CrossEntropyLoss, 'adamw'),
}
OPTIMIZERS = {'adamw': (artifacts.OptimType.AdamW, .01), 'sgd': (artifacts.OptimType.SGD, .05)}
BATCH, STEPS = 4, 6


def batches(model, loss):
    random = np.random.RandomState(1)
    value = model.graph.input[0].type.tensor_type
    shape = [BATCH] + [d.dim_value for d in value.shape.dim][1:]
    inputs = [random.randint(0, 7, shape).astype('i8') if value.elem_type == T.INT64 else random.randn(*shape).astype('f4') for _ in range(STEPS)]
    classes = loss == artifacts.LossType.CrossEntropyLoss or not isinstance(loss, artifacts.LossType)
    labels = [random.randint(0, 4, BATCH).astype('i8') if classes else random.rand(BATCH, 4).astype('f4') for _ in range(STEPS)]
    return np.stack(inputs), np.stack(labels)


def main(out):
    for name, (model, loss, optimizer) in NETS.items():
        kind, rate = OPTIMIZERS[optimizer]
        folder = os.path.join(out, f'{name}-{optimizer}')
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        frozen = [i.name for i in model.graph.initializer if i.data_type != T.FLOAT or i.name in STATISTICS]
        trained = [i.name for i in model.graph.initializer if i.name not in frozen]
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        artifacts.generate_artifacts(copy, requires_grad=trained, frozen_params=frozen, loss=loss, optimizer=kind, artifact_directory=folder,
                                     additional_output_names=['y'] if name == 'acts' else None)
        at = lambda file: os.path.join(folder, file)
        state = api.CheckpointState.load_checkpoint(at('checkpoint'))
        module = api.Module(at('training_model.onnx'), state, None, device='cpu')
        steps = api.Optimizer(at('optimizer_model.onnx'), module)
        steps.set_learning_rate(rate)
        module.train()
        inputs, labels = batches(model, loss)
        losses = []
        for i in range(STEPS):
            made = module(inputs[i], labels[i])
            losses.append(float(np.asarray(made[0] if isinstance(made, (list, tuple)) else made)))
            steps.step()
            module.lazy_reset_grad()
            if i == 2:
                api.CheckpointState.save_checkpoint(state, at('checkpoint-step3'), include_optimizer_state=True)
        final = {f'final.{n}': p.data for n, p in state.parameters}
        np.savez_compressed(at('trace.npz'), input=inputs, labels=labels, rate=np.float32(rate), loss=np.array(losses, 'f4'), **final)
        print(folder, losses)


main(sys.argv[1])
