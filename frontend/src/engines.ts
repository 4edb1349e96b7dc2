import type { Engine } from '@/api/types'

/** Product names, the same in every language. */
export const engineNames: Record<Engine, string> = {
  vllm: 'vLLM',
  sglang: 'SGLang',
  trtllm: 'TensorRT-LLM',
}

export const engines = Object.keys(engineNames) as readonly Engine[]

/** The name of an engine in the service's words; one not known here stays as it is. */
export function engineName(engine: string): string {
  return Object.hasOwn(engineNames, engine) ? engineNames[engine as Engine] : engine
}
