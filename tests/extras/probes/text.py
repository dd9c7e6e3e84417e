"""A tokenizer is trained on a few sentences and feeds a BERT with random weights; a spaCy pipeline learns to tell two kinds apart."""

from __future__ import annotations

import random

import spacy
import torch
from spacy.training import Example
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

LATE, EARLY = ["the plane was late", "a very late train", "late again"], ["it came early", "an early bird", "early as ever"]

tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.train_from_iterator(LATE + EARLY, trainers.WordPieceTrainer(vocab_size=80, special_tokens=["[PAD]", "[UNK]"]))
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]")
config = BertConfig(vocab_size=80, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=2)
with torch.no_grad():
    logits = BertForSequenceClassification(config).eval()(**fast(LATE, padding=True, return_tensors="pt")).logits
assert logits.shape == (3, 2)

random.seed(0)
pipeline = spacy.blank("en")
pipeline.add_pipe("textcat").add_label("late")
pipeline.get_pipe("textcat").add_label("early")
known = [(text, {"cats": {"late": kind, "early": 1 - kind}}) for texts, kind in ((LATE, 1.0), (EARLY, 0.0)) for text in texts]
examples = [Example.from_dict(pipeline.make_doc(text), said) for text, said in known]
pipeline.initialize(lambda: examples)
for _ in range(20):
    pipeline.update(examples)
assert pipeline("late again").cats["late"] > 0.5 > pipeline("an early bird").cats["late"]
