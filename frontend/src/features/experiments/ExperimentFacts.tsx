import { useTranslation } from 'react-i18next'
import type { ExperimentDetail } from '@/api/types'
import { Stats } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'

function named(config: unknown): string {
  if (typeof config === 'string') return config
  if (typeof config !== 'object' || config === null) return '–'
  const { title, name } = config as { title?: unknown; name?: unknown }
  return [title, name].find((text) => typeof text === 'string' && text !== '')?.toString() ?? '–'
}

function numberOf(config: unknown, key: string): number | undefined {
  if (typeof config !== 'object' || config === null) return undefined
  const value: unknown = Reflect.get(config, key)
  return typeof value === 'number' ? value : undefined
}

/** How much of an experiment is done, and the configuration it began with. */
export function ExperimentFacts({ experiment }: { experiment: ExperimentDetail }) {
  const { t } = useTranslation()
  const { integer, dateTime } = useFormats()
  const load = experiment.inference_config
  const [batch, input, output] = ['batch_size', 'input_seq_length', 'output_seq_length'].map(
    (key) => numberOf(load, key),
  )
  const facts: [string, string][] = [
    [
      t('experiment.tasks'),
      `${integer(experiment.completed_tasks)} / ${integer(experiment.total_tasks)}`,
    ],
    [t('experiment.created'), dateTime(experiment.created_at)],
    [t('experiment.updated'), dateTime(experiment.updated_at)],
    [t('experiment.model'), named(experiment.model_config)],
    [t('experiment.hardware'), named(experiment.hardware_config)],
  ]
  if (batch !== undefined && input !== undefined && output !== undefined) {
    const words = { batch: integer(batch), input: integer(input), output: integer(output) }
    facts.push([t('experiment.inference'), t('result.load', words)])
  }
  return (
    <section className="panel">
      <Stats figures={facts} />
      <details>
        <summary>
          {t('experiment.setup')} <span className="muted">{t('experiment.setupHint')}</span>
        </summary>
        <pre>
          {JSON.stringify(
            {
              model: experiment.model_config,
              hardware: experiment.hardware_config,
              inference: experiment.inference_config,
            },
            null,
            2,
          )}
        </pre>
      </details>
    </section>
  )
}
