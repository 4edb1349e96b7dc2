"""Models that are known by name and can not be costed yet, each with the reason.

A config says what it is by its ``model_type``, and by its class under ``architectures`` where code
stands beside the weights. Names are those of vLLM's registry (0.33, with those it dropped) and of
the transformers library 5.24.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_COMPARED_WITH_NONE = "keys that were compared with no published model"
_PARTS = "parts beside its language model that were compared with no published model"
_SPEECH = "an encoder of speech that was compared with no published model"
_IMAGE_TOKENS = "images as tokens of its vocabulary, from a tokenizer of their own"
_LOOPS = "layers that each token passes several times, each time with keys and values of its own"

# fmt: off
_LANGUAGE_MODELS: Mapping[str, tuple[str, ...]] = {
    "time mixing": ("rwkv",),
    "one attention block that layers share": ("zamba",),
    "attention blocks that layers share": ("zamba2", "Zamba2ForCausalLM"),
    "layers that attend to images alone and are skipped for text": ("mllama_text_model",),
    "block-sparse attention in every second layer (all is cached, some blocks read)": (
        "phi3small", "Phi3SmallForCausalLM",
    ),
    _LOOPS: (
        "ouro", "OuroForCausalLM", "iquestloopcoder", "IQuestLoopCoderForCausalLM", "dory",
        "DoryForCausalLM", "hrm_text", "HrmTextForCausalLM",
    ),
    "heads of Mamba with a time step for each, between layers with a window": (
        "plamo2", "Plamo2ForCausalLM",
    ),
    "layers that read the cache of one layer, beside layers with a state": (
        "phi4flash", "Phi4FlashForCausalLM",
    ),
    "differential attention": ("motif", "MotifForCausalLM"),
    "experts for images alone": ("InternLM2VEForCausalLM",),
    "trained keys beside those of the tokens": ("PanguProMoEV2ForCausalLM",),
    "tables of n-grams beside its embedding": ("LongcatFlashNgramForCausalLM",),
    "tables of n-grams, several residual streams and attention to picked blocks": (
        "qwen4_exp", "qwen4_exp_text", "Qwen4ExpForCausalLM", "Qwen4ExpForConditionalGeneration",
    ),
    "sparse latent attention between several residual streams": ("hy_v4", "HYV4ForCausalLM"),
    "attention over the outputs of earlier layers": ("AliceAIForCausalLM",),
    "layers with a state between latent attention, under names of its own": (
        "bailing_hybrid", "BailingMoeV2_5ForCausalLM", "BailingMoeV3ForCausalLM",
    ),
    "sparse attention over pooled keys": (
        "glm5_next", "Glm5NextForCausalLM", "Glm5NextForConditionalGeneration",
    ),
    "attention to summaries of blocks": (
        "step5", "step5_vl", "Step5ForCausalLM", "Step5ForConditionalGeneration",
    ),
    "a number of query heads of its own in each layer": ("laguna", "LagunaForCausalLM"),
    "mixtures of values inside of its attention": ("K2HorizonForCausalLM",),
    "mixtures that differ from layer to layer": ("NemotronHPuzzleForCausalLM",),
    "convolutions beside its keys and values": (
        "inkling_text", "inkling_mm_model", "inkling_model", "InklingForCausalLM",
        "InklingForConditionalGeneration",
    ),
    "delta-rule layers whose states may turn negative": ("olmo_hybrid", "OlmoHybridForCausalLM"),
    "blocks of tokens that are denoised in several passes": (
        "diffusion_gemma", "diffusion_gemma_text", "DiffusionGemmaForBlockDiffusion",
    ),
    "the names of a params.json and latent attention": ("MistralLarge3ForCausalLM",),
    "names of Falcon's keys from before its config.json said 'falcon'": (
        "RefinedWeb", "RefinedWebModel", "RWForCausalLM",
    ),
    _COMPARED_WITH_NONE: (
        "flint", "FlintForCausalLM", "kolibri1", "Kolibri1ForCausalLM",
        "granitemoe_swa",
        "GraniteMoeSWAForCausalLM", "cohere2_moe", "Cohere2MoeForCausalLM", "DomynEdgeForCausalLM",
        "Rnj1ForCausalLM", "Param2MoEForCausalLM", "sarvam_moe", "SarvamMoEForCausalLM",
        "Step1ForCausalLM", "mimo_v2", "MiMoV2ForCausalLM", "NanbeigeForCausalLM",
        "deepseek_v41", "DeepseekV41ForCausalLM", "muse_glimmer", "MuseGlimmerForCausalLM",
    ),
    _IMAGE_TOKENS: (
        "chameleon", "ChameleonForConditionalGeneration", "emu3", "Emu3ForConditionalGeneration",
    ),
}
_WHOLES: Mapping[str, tuple[str, ...]] = {
    "layers of its own that attend to images alone (cross-attention)": (
        "mllama", "MllamaForConditionalGeneration",
    ),
    "adapters for every layer beside its towers": (
        "phi4_multimodal", "phi4mm", "Phi4MultimodalForCausalLM", "Phi4MMForCausalLM",
    ),
    "towers that it describes in keys of its own": (
        "deepseek_vl_v2", "DeepseekVLV2ForCausalLM", "DeepseekOCRForCausalLM",
        "DeepseekOCR2ForCausalLM", "unlimited-ocr", "UnlimitedOCRForCausalLM",
    ),
    "a second model, to speak with, beside its thinker": (
        "qwen3_omni_moe", "Qwen3OmniMoeForConditionalGeneration", "qwen2_5_omni",
        "Qwen2_5OmniModel", "Qwen2_5OmniForConditionalGeneration",
    ),
    "a second model that draws images": ("bagel", "BagelForConditionalGeneration"),
    "actions of a robot or a vehicle as its output": (
        "openvla", "OpenVLAForActionPrediction", "alpamayo2_super", "Alpamayo2Super",
    ),
    "a query former between its tower and its language model": (
        "blip-2", "Blip2ForConditionalGeneration",
    ),
    "patches that enter its layers without a tower": (
        "fuyu", "FuyuForCausalLM", "gemma4_unified", "Gemma4UnifiedForConditionalGeneration",
    ),
    _SPEECH: (
        "audioflamingo3", "AudioFlamingo3ForConditionalGeneration", "funaudiochat",
        "FunAudioChatForConditionalGeneration", "granite_speech",
        "GraniteSpeechForConditionalGeneration", "granite_speech_plus",
        "GraniteSpeechPlusForConditionalGeneration", "MoonshotKimiaForCausalLM", "midashenglm",
        "MiDashengLMModel", "moss_audio", "MossAudioModel", "moss_transcribe_diarize",
        "MossTranscribeDiarizeForConditionalGeneration", "musicflamingo",
        "MusicFlamingoForConditionalGeneration", "qwen3_asr", "Qwen3ASRForConditionalGeneration",
        "Qwen3ASRRealtimeGeneration", "ultravox", "UltravoxModel", "VoxtralRealtimeGeneration",
        "glmasr", "GlmAsrForConditionalGeneration", "FireRedASR2ForConditionalGeneration",
        "FireRedLIDForConditionalGeneration", "FunASRForConditionalGeneration", "vibevoice_asr",
        "VibeVoiceAsrForConditionalGeneration",
    ),
    _PARTS: (
        "aria", "AriaForConditionalGeneration", "aya_vision", "AyaVisionForConditionalGeneration",
        "bailing_moe_v3_vl", "BailingMoeV3VLForConditionalGeneration",
        "BeeForConditionalGeneration", "Cheers", "CheersForConditionalGeneration",
        "cohere_compass", "CohereCompassForConditionalGeneration",
        "Cosmos3ForConditionalGeneration", "cosmos3_edge", "Cosmos3EdgeForConditionalGeneration",
        "DeepseekV4ForConditionalGeneration", "dots3_note", "dots3_note_text",
        "Dots3NoteForCausalLM", "dots_ocr", "DotsOCRForCausalLM",
        "Eagle2_5_VLForConditionalGeneration", "ernie4_5_vl_moe",
        "Ernie4_5_VLMoeForConditionalGeneration", "exaone4_5",
        "Exaone4_5_ForConditionalGeneration", "GLM4VForCausalLM", "glm_ocr",
        "GlmOcrForConditionalGeneration", "granite4_vision",
        "Granite4VisionForConditionalGeneration", "H2OVLChatModel", "HCXVisionForCausalLM",
        "HCXVisionV2ForCausalLM", "hunyuan_vl", "HunYuanVLForConditionalGeneration",
        "InternS1ForConditionalGeneration", "InternS1ProForConditionalGeneration",
        "InternS2MobiusForConditionalGeneration", "InternS2PreviewForConditionalGeneration",
        "isaac", "IsaacForConditionalGeneration", "KananaVForConditionalGeneration",
        "KeyeForConditionalGeneration", "KeyeVL1_5ForConditionalGeneration",
        "LightOnOCRForConditionalGeneration", "lfm2_vl", "Lfm2VlForConditionalGeneration",
        "Llama_Nemotron_Nano_VL", "llava_next_video", "LlavaNextVideoForConditionalGeneration",
        "LlavaOnevision2ForConditionalGeneration", "MantisForConditionalGeneration", "mimovl",
        "MiMoV2OmniForCausalLM", "MiniMaxVL01ForConditionalGeneration", "minicpmo", "MiniCPMO",
        "minicpm_ocr", "MiniCPMOcrForConditionalGeneration", "minicpmv", "MiniCPMV",
        "minicpmv4_6", "MiniCPMV4_6ForConditionalGeneration", "minicpmv4_7",
        "MiniCPMV4_7ForConditionalGeneration", "molmo", "MolmoForCausalLM", "molmo2",
        "Molmo2ForConditionalGeneration", "moondream3", "Moondream3ForCausalLM", "HfMoondream",
        "nemotron_h_omni", "NemotronH_Nano_VL_V2", "NemotronH_Nano_Omni_Reasoning_V3",
        "NemotronH_Super_Omni_Reasoning_V3", "NemotronH_Omni_Reasoning_V3", "NVLM_D",
        "MuseGlimmerForConditionalGeneration", "muse_spark", "MuseSparkForConditionalGeneration",
        "OpenCUAForConditionalGeneration", "OpenPanguVLForConditionalGeneration", "ovis", "Ovis",
        "Ovis2_5", "Ovis2_6ForCausalLM", "Ovis2_6_MoeForCausalLM", "paddleocr_vl",
        "PaddleOCRVLForConditionalGeneration", "paligemma", "PaliGemmaForConditionalGeneration",
        "Phi3VForCausalLM", "Phi4ForCausalLMV", "PixtralForConditionalGeneration", "qianfan_ocr",
        "QianfanOCRForConditionalGeneration", "QwenVLForConditionalGeneration",
        "RForConditionalGeneration", "SkyworkR1VChatModel", "StepVLForConditionalGeneration",
        "step3_vl", "Step3VLForConditionalGeneration", "Step3p7ForConditionalGeneration",
        "TarsierForConditionalGeneration", "Tarsier2ForConditionalGeneration",
    ),
}
# fmt: on


def _by_name(by_reason: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: reason for reason, names in by_reason.items() for name in names}


REFUSED: Mapping[str, str] = _by_name(_LANGUAGE_MODELS)
"""What a language model has that is not costed, by ``model_type`` and class."""
REFUSED_WHOLES: Mapping[str, str] = _by_name(_WHOLES)
"""What a multimodal model has beside its language model, by ``model_type`` and class."""


def names_of(config: Mapping[str, Any]) -> Iterator[str]:
    """What a config says it is: its ``model_type``, then its classes."""
    classes = config.get("architectures")
    yield str(config.get("model_type") or "")
    yield from map(str, classes if isinstance(classes, list) else ())
