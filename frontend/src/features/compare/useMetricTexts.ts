import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ComparedMetric } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { knownMetrics } from './metrics'

/** What figures are called, and how they are written. */
export function useMetricTexts() {
  const { t } = useTranslation()
  const formats = useFormats()
  return useMemo(() => {
    const { figure, percent, usd } = formats
    return {
      name: (metric: ComparedMetric) => {
        const known = knownMetrics.find((one) => one === metric.name)
        return known === undefined ? metric.name : t(`compare.metric_${known}`)
      },
      value: ({ unit }: ComparedMetric, value: number) => {
        if (unit === 'share') return percent(value)
        return unit.startsWith('USD') ? usd(value) : figure(value)
      },
    }
  }, [t, formats])
}
