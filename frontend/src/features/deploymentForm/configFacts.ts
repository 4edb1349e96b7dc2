import { parseJsonObject } from './formValues'

export interface ConfigFact {
  readonly label:
    | 'model'
    | 'layers'
    | 'hidden'
    | 'heads'
    | 'kvHeads'
    | 'experts'
    | 'vocabulary'
    | 'positions'
    | 'formats'
  readonly value: string | number
}

type Json = Record<string, unknown>

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function first(config: Json, names: readonly string[]): string | number | undefined {
  const found = names.map((name) => config[name]).find((value) => value != null)
  return typeof found === 'string' || typeof found === 'number' ? found : undefined
}

const keys: readonly (readonly [ConfigFact['label'], readonly string[]])[] = [
  ['model', ['title', 'name', 'model_type']],
  ['layers', ['num_hidden_layers', 'n_layer', 'num_layers']],
  ['hidden', ['hidden_size', 'n_embd', 'd_model']],
  ['heads', ['num_attention_heads', 'n_head']],
  ['kvHeads', ['num_key_value_heads', 'multi_query_group_num']],
  ['experts', ['n_routed_experts', 'num_experts', 'num_local_experts', 'moe_num_experts']],
  ['vocabulary', ['vocab_size']],
  ['positions', ['max_position_embeddings', 'seq_length']],
]

function formatOf(config: Json): string | undefined {
  const quantisation = config.quantization_config ?? config.hf_quant_config
  if (isJson(quantisation)) {
    const inner = isJson(quantisation.quantization) ? quantisation.quantization : quantisation
    const method = first(inner, ['quant_algo', 'quant_method', 'fmt'])
    if (method !== undefined) return String(method)
  }
  const dtype = first(config, ['weight_dtype', 'torch_dtype', 'dtype'])
  return dtype === undefined ? undefined : String(dtype)
}

/** What stands in a config.json, by the keys of Hugging Face; of a multimodal one, its text part. */
export function configFacts(json: string): readonly ConfigFact[] {
  const parsed = parseJsonObject(json)
  if (!parsed.ok) return []
  const { text_config } = parsed.value
  const config = isJson(text_config) ? { ...parsed.value, ...text_config } : parsed.value
  const facts = keys.flatMap(([label, names]): ConfigFact[] => {
    const value = first(config, names)
    return value === undefined ? [] : [{ label, value }]
  })
  const format = formatOf(config)
  return format === undefined ? facts : [...facts, { label: 'formats', value: format }]
}
