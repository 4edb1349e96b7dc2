import { useTranslation } from 'react-i18next'
import type { Decision, SettlingRun } from '@/api/types'
import { CopyButton } from '@/components/CopyButton'
import { Panel } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'
import { calibrateCommand, runsCsv } from './choice'
import { compactPlan } from './planText'
import './SettlingRuns.css'

function Run({ run }: { run: SettlingRun }) {
  const { t } = useTranslation()
  const { integer, range, percent } = useFormats()
  return (
    <li>
      <p>
        <b>{compactPlan(run.parallelism)}</b>{' '}
        {t('choice.runAt', {
          chips: integer(run.chips),
          batch: integer(run.columns.concurrency),
        })}
      </p>
      <p className="muted" title={t('result.intervalHint')}>
        {t('choice.runExpected', {
          ttft: range(run.ttft_low, run.ttft_high),
          tpot: range(run.tpot_low, run.tpot_high),
        })}
      </p>
      <p title={t('choice.leftHint')}>
        <span className="muted">{t('choice.left')}</span>{' '}
        <b className="number">{percent(run.regret)}</b>
      </p>
    </li>
  )
}

/** The runs that would settle the choice, the most telling first; where there are none, nothing. */
export function SettlingRuns({ decision }: { decision: Decision }) {
  const { t } = useTranslation()
  const { percent } = useFormats()
  const { runs, regret } = decision
  if (runs.length === 0) return null
  return (
    <Panel
      title={t('choice.measureFirst')}
      note={t('choice.measureNote', { regret: percent(regret) })}
      tools={
        <>
          <CopyButton text={() => runsCsv(runs)}>{t('choice.copyCsv')}</CopyButton>
          <CopyButton text={() => calibrateCommand}>{t('choice.copyCommand')}</CopyButton>
        </>
      }
    >
      <ol className="settling-runs">
        {runs.map((run) => (
          <Run key={run.rank} run={run} />
        ))}
      </ol>
      <p className="hint">
        {t('choice.afterwards')} <code>{calibrateCommand}</code>
      </p>
    </Panel>
  )
}
