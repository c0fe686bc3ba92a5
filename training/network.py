"""The reader as a torch module: multilingual-e5-small's encoder with four outputs a token."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertModel

from partnerbot.models.embedded_model import tokenizer as tokenizer
from partnerbot.models.embedded_model import weights_file

sys.path.append(str(Path(__file__).parents[1] / "tools" / "embedded_model"))

from make import PackedModel

ENCODER_PARTS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
"""Names of a layer's parts in transformers, and in the package's file."""


def packed_model() -> PackedModel:
    return PackedModel.read(weights_file())


FROZEN_LAYERS = tuple(f"encoder.layer.{layer}." for layer in range(4))
"""The lowest layers stay E5's: they carry what the languages share, and a step costs a fifth less."""


OUTPUTS = 4

LAYERS, SHARED_LAYERS = 12, 8
"""All layers, and those after which each branch goes on with its own: answers here, and relevance.py's."""


class ReaderNetwork(torch.nn.Module):
    """Logits [batch, tokens, 4]: answer begins here, answer ends here; of the first token, "answered" and,
    where a statement stands in the question's place, "supported".

    The vocabulary is frozen: the product takes it from the installed package.
    """

    @torch.no_grad()
    def __init__(self, packed: PackedModel) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=packed.tensors["emb.word"].size // packed.hidden,
            hidden_size=packed.hidden,
            num_hidden_layers=packed.layers,
            num_attention_heads=packed.heads,
            intermediate_size=packed.feed_forward,
            layer_norm_eps=packed.epsilon,
            max_position_embeddings=packed.tensors["emb.pos"].size // packed.hidden,
            type_vocab_size=packed.tensors["emb.type"].size // packed.hidden,
            hidden_dropout_prob=0.0,  # each example is seen about once, and dropout costs a tenth of the time
            attention_probs_dropout_prob=0.0,
        )
        self.encoder = BertModel(
            BertConfig.from_dict(config.to_dict() | {"_attn_implementation": "eager"}),
            add_pooling_layer=False,
        )
        self.encoder.set_attn_implementation("eager")
        self.head = torch.nn.Linear(packed.hidden, OUTPUTS)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)
        state = self.encoder.state_dict()
        for name, parameter in state.items():
            if "position_ids" in name or "token_type_ids" in name:
                continue
            source = packed.tensors[_package_name(name)]
            parameter.copy_(torch.from_numpy(np.array(source)).reshape(parameter.shape))
        for name, parameter in self.encoder.named_parameters():
            parameter.requires_grad_("embeddings" not in name and not name.startswith(FROZEN_LAYERS))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(states.float())

    def shipped(self) -> dict[str, torch.Tensor]:
        """The weights without the vocabulary."""
        return {name: value for name, value in self.state_dict().items() if "word_embeddings" not in name}


def _package_name(name: str) -> str:
    suffix = "w" if name.endswith("weight") else "b"
    if name.startswith("embeddings."):
        part = name.split(".")[1]
        table = {
            "word_embeddings": "emb.word",
            "position_embeddings": "emb.pos",
            "token_type_embeddings": "emb.type",
        }
        return table.get(part, f"emb.ln.{suffix}")
    _, _, layer, rest = name.split(".", 3)
    return f"l{layer}.{ENCODER_PARTS[rest.rsplit('.', 1)[0]]}.{suffix}"
