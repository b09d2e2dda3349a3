"""A model in Kaldi's binary form, as `final.mdl`: the transition model and the network after it.

The layout is that of Kaldi's `TransitionModel::Write`, `HmmTopology::Write`, `Nnet::Write` and
`AmNnetSimple::Write` (nnet3): tokens end in a space, each number is preceded by its size in bytes.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np

from ivr.speech.training.network import Layer, Matrix
from ivr.speech.training.phones import Phones


def model(phones: Phones, layers: Sequence[Layer], coefficients: int, context: int) -> bytes:
    """`final.mdl` of a network that takes `coefficients` features and `context` frames before and after."""
    network = _network(layers, coefficients, context)
    ends = _token("<LeftContext>", context), _token("<RightContext>", context)
    return b"\0B" + _transition_model(phones) + network + b"".join(ends) + _token("<Priors>") + _vector([])


def _transition_model(phones: Phones) -> bytes:
    triples = phones.triples()
    even = [0.0, *[np.log(0.5)] * (2 * len(triples))]
    return b"".join(
        [
            _token("<TransitionModel>"),
            _topology(phones),
            _token("<Triples>", len(triples)),
            *(_integer(number) for triple in triples for number in triple),
            _token("</Triples>"),
            _token("<LogProbs>") + _vector(even),
            _token("</LogProbs>") + _token("</TransitionModel>"),
        ]
    )


def _topology(phones: Phones) -> bytes:
    """One entry for each number of states that occurs."""
    lengths = sorted(set(phones.entries()))
    entry_of = [-1, *(lengths.index(states) for states in phones.entries())]
    return b"".join(
        [
            _token("<Topology>"),
            _integers(range(1, len(phones.entries()) + 1)),
            _integers(entry_of),
            _integer(len(lengths)),
            *(_topology_entry(length) for length in lengths),
            _token("</Topology>"),
        ]
    )


def _topology_entry(states: int) -> bytes:
    """States in a row, each with a transition to itself and one onwards; the last is final and has none."""
    parts = [_integer(states + 1)]
    for state in range(states):
        parts += [_integer(state), _integer(2)]
        parts += [_integer(state), _real(0.5), _integer(state + 1), _real(0.5)]
    return b"".join([*parts, _integer(-1), _integer(0)])


def _network(layers: Sequence[Layer], coefficients: int, context: int) -> bytes:
    components = []
    for index, layer in enumerate(layers):
        components.append(_token("<ComponentName>") + _token(f"affine{index}") + _affine(layer))
        if index < len(layers) - 1:
            rectifier = _rectifier(len(layer.bias))
            components.append(_token("<ComponentName>") + _token(f"relu{index}") + rectifier)
    wiring = "\n".join(_wiring(len(layers), coefficients, context))
    count = _token("<NumComponents>", len(components))
    return b"<Nnet3> \n" + wiring.encode() + b"\n\n" + count + b"".join(components) + _token("</Nnet3>")


def _wiring(layers: int, coefficients: int, context: int) -> Iterable[str]:
    yield f"input-node name=input dim={coefficients}"
    near = (f"Offset(input, {by})" if by else "input" for by in range(-context, context + 1))
    source = f"Append({', '.join(near)})"
    for index in range(layers):
        yield f"component-node name=affine{index} component=affine{index} input={source}"
        source = f"affine{index}"
        if index < layers - 1:
            yield f"component-node name=relu{index} component=relu{index} input={source}"
            source = f"relu{index}"
    yield f"output-node name=output input={source}"


def _affine(layer: Layer) -> bytes:
    return b"".join(
        [
            _token("<FixedAffineComponent>"),
            _token("<LinearParams>") + _matrix(layer.weights),
            _token("<BiasParams>") + _vector(layer.bias),
            _token("</FixedAffineComponent>"),
        ]
    )


def _rectifier(size: int) -> bytes:
    """Without the statistics that only training needs."""
    return b"".join(
        [
            _token("<RectifiedLinearComponent>") + _token("<Dim>", size),
            _token("<ValueAvg>") + _vector([]) + _token("<DerivAvg>") + _vector([]),
            _token("<Count>") + _real(0.0),
            _token("<OderivRms>") + _vector([]) + _token("<OderivCount>") + _real(0.0),
            _token("</RectifiedLinearComponent>"),
        ]
    )


def _token(name: str, number: int | None = None) -> bytes:
    return f"{name} ".encode() + (b"" if number is None else _integer(number))


def _integer(number: int) -> bytes:
    return struct.pack("<bi", 4, number)


def _real(number: float) -> bytes:
    return struct.pack("<bf", 4, number)


def _integers(numbers: Iterable[int]) -> bytes:
    values = tuple(numbers)
    return struct.pack(f"<bi{len(values)}i", 4, len(values), *values)


def _vector(values: Sequence[float] | Matrix) -> bytes:
    return b"FV " + _integer(len(values)) + np.asarray(values, dtype="<f4").tobytes()


def _matrix(values: Matrix) -> bytes:
    rows, columns = values.shape
    return b"FM " + _integer(rows) + _integer(columns) + np.ascontiguousarray(values, dtype="<f4").tobytes()
