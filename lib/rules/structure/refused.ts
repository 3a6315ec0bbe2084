/**
 * Operators through which neurons cannot be followed, each with the reason and, where there is one, the way around. A node
 * of theirs fixes the axes of all that it touches; fusing members whose values flow into it is refused with this text.
 */
import { MICROSOFT } from '../families.js';
import { type Row, rows, type Table, tableOf } from '../table.js';

const QUANTISED = 'its weights and sums are quantised integers; fuse or prune before quantising';
const SCALED = 'it quantises with scales that were measured on these very neurons; fuse or prune before quantising';
const BY_VALUE = 'how much comes out and where it lies is told by values, which no analysis of the graph can follow';
const SEQUENCE = 'sequences and optional values have no axes; export the model so that it returns plain tensors';
const TEXT = 'it works on text, where no neurons are';
const LOSS = 'it computes a training loss; export the model for inference';
const SUBGRAPH = 'neurons are not followed into the graphs inside it; what these graphs use stays as it is';
const NEWER = 'it is newer than the operators that these rules were checked against';
const CLASSICAL = 'it is a model of classical machine learning and has no neurons; split it off the network';
const OPTIMISER = 'it is a step of an optimizer; export the model for inference';
const OPTIMISED = 'this file was optimised by ONNX Runtime; use the file that the exporter wrote';

const own: readonly Row<string>[] = [
  ...rows(['QLinearConv', 'QLinearMatMul', 'ConvInteger', 'MatMulInteger'], QUANTISED),
  ...rows(['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'], SCALED),
  ...rows(['NonMaxSuppression', 'NonZero', 'Unique'], BY_VALUE),
  ...rows(['MaxUnpool'], 'its indices count over all channels together and would be wrong when one is gone'),
  ...rows(
    [
      'SequenceAt',
      'SequenceConstruct',
      'SequenceEmpty',
      'SequenceErase',
      'SequenceInsert',
      'SequenceLength',
      'SequenceMap',
      'SplitToSequence',
      'ConcatFromSequence',
      'Optional',
      'OptionalGetElement',
      'OptionalHasElement',
    ],
    SEQUENCE,
  ),
  ...rows(['StringConcat', 'StringNormalizer', 'StringSplit', 'RegexFullMatch', 'TfIdfVectorizer'], TEXT),
  ...rows(['ImageDecoder'], 'it reads the bytes of an image file; decode images before the model runs'),
  ...rows(
    ['STFT'],
    'it cuts a signal into frames, whose samples are no neurons; compute spectra before the model runs',
  ),
  ...rows(['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'], LOSS),
  ...rows(['If', 'Loop', 'Scan'], SUBGRAPH),
  ...rows(['SwiGLU', 'LinearAttention', 'CausalConvWithState'], NEWER),
];

const classical: readonly Row<string>[] = rows(
  [
    'ArrayFeatureExtractor',
    'Binarizer',
    'CastMap',
    'CategoryMapper',
    'DictVectorizer',
    'FeatureVectorizer',
    'Imputer',
    'LabelEncoder',
    'LinearClassifier',
    'LinearRegressor',
    'Normalizer',
    'OneHotEncoder',
    'Scaler',
    'SVMClassifier',
    'SVMRegressor',
    'TreeEnsemble',
    'TreeEnsembleClassifier',
    'TreeEnsembleRegressor',
    'ZipMap',
  ],
  CLASSICAL,
  1,
  'ai.onnx.ml',
);

const training: readonly Row<string>[] = [
  ...rows(['Adagrad', 'Adam', 'Momentum', 'Gradient'], OPTIMISER, 1, 'ai.onnx.preview.training'),
  ...rows(['FlexAttention'], NEWER, 1, 'ai.onnx.preview'),
];

/** What ONNX Runtime's own optimiser and quantiser write. */
const runtime: readonly Row<string>[] = [
  ...rows(
    [
      'Attention',
      'BiasAdd',
      'BiasDropout',
      'BiasSoftmax',
      'BiasSplitGelu',
      'DecoderMaskedMultiHeadAttention',
      'DecoderMaskedSelfAttention',
      'EmbedLayerNormalization',
      'FusedConv',
      'FusedGemm',
      'FusedMatMul',
      'FusedMatMulActivation',
      'GatedRelativePositionBias',
      'GemmFastGelu',
      'GroupNorm',
      'GroupQueryAttention',
      'MultiHeadAttention',
      'NhwcConv',
      'NhwcFusedConv',
      'NhwcMaxPool',
      'PackedAttention',
      'PackedMultiHeadAttention',
      'RelativePositionBias',
      'RemovePadding',
      'RestorePadding',
      'RotaryEmbedding',
      'SkipGroupNorm',
      'SkipLayerNormalization',
      'SkipSimplifiedLayerNormalization',
      'SparseAttention',
      'TransposeMatMul',
    ],
    OPTIMISED,
    1,
    MICROSOFT,
  ),
  ...rows(
    [
      'DequantizeLinear',
      'DynamicQuantizeLSTM',
      'DynamicQuantizeMatMul',
      'GatherBlockQuantized',
      'MatMulBnb4',
      'MatMulInteger16',
      'MatMulIntegerToFloat',
      'MatMulNBits',
      'QAttention',
      'QEmbedLayerNormalization',
      'QGemm',
      'QLinearAdd',
      'QLinearAveragePool',
      'QLinearConcat',
      'QLinearConv',
      'QLinearGlobalAveragePool',
      'QLinearLeakyRelu',
      'QLinearMul',
      'QLinearReduceMean',
      'QLinearSigmoid',
      'QLinearSoftmax',
      'QMoE',
      'QuantizeLinear',
    ],
    QUANTISED,
    1,
    MICROSOFT,
  ),
];

/** By operator the reason why neurons are not followed through it. */
export const REFUSALS: Table<string> = tableOf<string>(own, classical, training, runtime);
