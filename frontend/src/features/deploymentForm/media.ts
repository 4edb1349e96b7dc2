import type { ModelSummary } from '@/api/types'
import { parseJsonObject, type SectionValue } from './formValues'

/** Whether the chosen model has a vision encoder, as far as the page can tell. */
export function takesImages(
  model: SectionValue,
  models: readonly Pick<ModelSummary, 'name' | 'encoders'>[],
): boolean {
  if (model.source === 'preset') {
    return models.find(({ name }) => name === model.preset)?.encoders.includes('vision') ?? false
  }
  const parsed = parseJsonObject(model.json)
  return parsed.ok && ('vision_config' in parsed.value || 'encoders' in parsed.value)
}
