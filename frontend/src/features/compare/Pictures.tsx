import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ComparedMetric, ComparedResult, Comparison } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { kinds, timeOf } from '@/charts/kinds'
import { usePalette } from '@/charts/palette'
import { type Time, timeBarHeight, timeBarsOption } from '@/charts/timeBars'
import { planTitle } from '@/compactPlan'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import { axesOf, parallelOption } from './parallelOption'
import { planVariable } from './planColor'
import { useMetricTexts } from './useMetricTexts'
import { type Step, stepsOf, waterfallOption } from './waterfalls'

/** "2 TP8": as the columns of the table are numbered. */
function namesOf(results: readonly ComparedResult[]): readonly string[] {
  return results.map((result, at) => `${at + 1} ${planTitle(result)}`)
}

/** The time of one phase of each plan by cause, one bar beneath the other on one scale. */
function PhaseOfPlans(props: { phase: 'prefill' | 'decode'; results: readonly ComparedResult[] }) {
  const { phase, results } = props
  const { t } = useTranslation()
  const palette = usePalette()
  const { ms, figure } = useFormats()
  const title = t(`result.${phase}`)
  const times: readonly Time[] = useMemo(() => {
    const names = namesOf(results)
    return results.flatMap(({ latency }, at) =>
      latency === null
        ? []
        : [{ ...latency[phase], name: names[at] ?? '', time_ms: latency[phase].total_ms }],
    )
  }, [results, phase])
  const option = useMemo(
    () =>
      timeBarsOption(times, palette, {
        row: (name) => name,
        kind: (kind) => t(`result.kind_${kind}`),
        ms,
      }),
    [times, palette, ms, t],
  )
  if (times.length === 0) return null
  const columns: readonly Column<Time>[] = [
    { key: 'plan', title: t('result.plan'), names: true, render: ({ name }) => name },
    numeric('time', t('result.time'), ({ time_ms }) => figure(time_ms), { unit: 'ms' }),
    ...kinds.map((kind) =>
      numeric(kind, t(`result.kind_${kind}`), (time: Time) => figure(timeOf(time, kind)), {
        unit: 'ms',
      }),
    ),
  ]
  const spoken = times.map(({ name, time_ms }) => `${name} ${ms(time_ms)}`).join(', ')
  return (
    <ChartFrame
      level="h3"
      title={title}
      chart={
        <Chart
          label={`${title}, ${t('result.byKind')}: ${spoken}`}
          option={option}
          height={times.length * (timeBarHeight + 6) + 34}
        />
      }
      table={
        <DataTable caption={title} columns={columns} rows={times} rowKey={({ name }) => name} />
      }
    />
  )
}

/** The operators of each plan, one after the other, over one another's. */
function WaterfallsOfPlans(props: {
  phase: 'prefill' | 'decode'
  results: readonly ComparedResult[]
}) {
  const { phase, results } = props
  const { t } = useTranslation()
  const palette = usePalette()
  const { ms, figure } = useFormats()
  const names = useServiceNames()
  const title = t('compare.waterfalls', { phase: t(`result.${phase}`) })
  const { steps, columns, plans } = useMemo(() => {
    const titles = namesOf(results)
    const timed = results.flatMap(({ latency }, column) =>
      latency === null ? [] : [{ column, phase: latency[phase] }],
    )
    return {
      steps: stepsOf(timed.map((each) => each.phase)),
      columns: timed.map(({ column }) => column),
      plans: timed.map(({ column }) => titles[column] ?? ''),
    }
  }, [results, phase])
  const texts = useMemo(
    () => ({
      operator: (name: string | undefined) =>
        name === undefined ? t('compare.otherOperators') : names.operator(name),
      ms,
      plans,
    }),
    [t, names, ms, plans],
  )
  const option = useMemo(
    () => waterfallOption(steps, columns, palette, texts),
    [steps, columns, palette, texts],
  )
  if (steps.length === 0) return null
  const shown: readonly Column<Step>[] = [
    {
      key: 'operator',
      title: t('result.operator'),
      names: true,
      render: ({ operator }) => texts.operator(operator),
    },
    ...plans.map((plan, at) =>
      numeric(plan, plan, ({ times }: Step) => figure(times[at] ?? 0), { unit: 'ms' }),
    ),
  ]
  return (
    <ChartFrame
      level="h3"
      title={title}
      chart={
        <Chart
          label={`${title}: ${plans.join(', ')}`}
          option={option}
          height={steps.length * (plans.length * 7 + 8) + 30}
        />
      }
      table={
        <DataTable
          caption={title}
          columns={shown}
          rows={steps}
          rowKey={({ operator }) => operator ?? ''}
        />
      }
    />
  )
}

/** What colours stand for. */
function Colors({ of }: { of: readonly (readonly [name: string, color: string])[] }) {
  return (
    <ul className="kinds">
      {of.map(([name, color]) => (
        <li key={name}>
          <span style={{ background: color }} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  )
}

/** All plans as lines over all figures that differ. */
function AllFigures({ comparison, base }: { comparison: Comparison; base: number }) {
  const { t } = useTranslation()
  const palette = usePalette()
  const texts = useMetricTexts()
  const names = useMemo(() => namesOf(comparison.results), [comparison])
  const axes = useMemo(() => axesOf(comparison.metrics), [comparison])
  const option = useMemo(
    () =>
      parallelOption(axes, base, palette, {
        metric: texts.name,
        value: texts.value,
        plans: names,
      }),
    [axes, base, palette, texts, names],
  )
  const title = t('compare.parallel')
  if (axes.length < 2) return null
  const columns: readonly Column<ComparedMetric>[] = [
    { key: 'metric', title: t('compare.metric'), names: true, render: texts.name },
    ...names.map((name, at) =>
      numeric(name, name, (metric: ComparedMetric) => texts.value(metric, metric.values[at] ?? 0)),
    ),
  ]
  return (
    <ChartFrame
      level="h3"
      title={title}
      hint={t('compare.parallelHint')}
      chart={
        // Only a stop of its own lets the keyboard scroll it.
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section a landmark
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <div className="wide-chart" role="group" aria-label={title} tabIndex={0}>
          <Chart
            label={`${title}: ${names.join(', ')}`}
            option={option}
            height={300 + 22 * Math.ceil(names.length / 4)}
          />
        </div>
      }
      table={
        <DataTable caption={title} columns={columns} rows={axes} rowKey={({ name }) => name} />
      }
    />
  )
}

/** Where the plans' time goes, and all figures at once. */
export function Pictures({ comparison, base }: { comparison: Comparison; base: number }) {
  const { t } = useTranslation()
  return (
    <>
      <Panel
        title={t('compare.times')}
        level="h2"
        tools={<Colors of={kinds.map((kind) => [t(`result.kind_${kind}`), `var(--${kind})`])} />}
      >
        <div className="phases">
          <PhaseOfPlans phase="prefill" results={comparison.results} />
          <PhaseOfPlans phase="decode" results={comparison.results} />
        </div>
      </Panel>
      <Panel
        title={t('compare.operators')}
        level="h2"
        tools={
          <Colors of={namesOf(comparison.results).map((name, at) => [name, planVariable(at)])} />
        }
      >
        <div className="phases">
          <WaterfallsOfPlans phase="prefill" results={comparison.results} />
          <WaterfallsOfPlans phase="decode" results={comparison.results} />
        </div>
      </Panel>
      <Panel title={t('compare.figures')} level="h2">
        <AllFigures comparison={comparison} base={base} />
      </Panel>
    </>
  )
}
