import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '@/i18n/useFormats'

const degree = /^(?:manual_parallelism|search_constraints\.allowed)\.(\w+)$/
const link = /^topology\.links\.(c2c|b2b|r2r|p2p)\.(bandwidth|latency)$/
const peak = /^(?:decode_)?hardware\.peak_flops\.(\w+)$/

/** Values that are words, by what they are words of. */
const words: Readonly<Record<string, string>> = {
  'search_constraints.objective': 'form.objective_',
  'search_constraints.risk': 'choice.risk_',
  'search_constraints.serving': 'form.serving_',
  search_mode: 'form.',
  'inference.traffic.arrivals': 'form.arrivals_',
  'calibration.provenance': 'result.provenance_',
}

function readable(field: string): string {
  const text = field.replace(/\.\*$/, '').replaceAll('_', ' ').replaceAll('.', ', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Names of a request's fields, and what stands in them, as the field says it. */
export function useInputTexts() {
  const { t, i18n } = useTranslation()
  const formats = useFormats()
  return useMemo(() => {
    const { figure, integer, usd, ms } = formats
    const name = (field: string): string => {
      const [, ofDegree] = degree.exec(field) ?? []
      if (ofDegree !== undefined && i18n.exists(`form.degree_${ofDegree}`)) {
        return t(`form.degree_${ofDegree as 'tp'}`)
      }
      const [, tier, what] = link.exec(field) ?? []
      if (tier !== undefined) {
        const named = t(`figures.tier_${tier as 'c2c'}`)
        return t(`figures.link_${what as 'bandwidth'}`, { tier: named })
      }
      const [, dtype] = peak.exec(field) ?? []
      if (dtype !== undefined) return `${t('figures.peakFlops')} ${dtype}`
      const key = `compare.field.${field.replace(/\.\*$/, '').replaceAll('.', '_')}`
      return i18n.exists(key) ? t(key as 'compare.field.model_name') : readable(field)
    }
    const number = (field: string, value: number): string => {
      if (/_ms$/.test(field)) return ms(value)
      if (peak.test(field)) return `${formats.teraflops(value)}\u00a0TFLOP/s`
      if (/bandwidth$/.test(field)) return formats.bandwidth(value)
      if (/memory_capacity$|on_chip_memory$/.test(field)) return formats.bytes(value)
      if (/(?:^|[._])latency$|step_overhead$|receive_interval_s$/.test(field))
        return ms(value * 1000)
      if (/usd/.test(field)) return usd(value)
      if (/\.tdp$/.test(field)) return `${figure(value)}\u00a0W`
      return Number.isInteger(value) ? integer(value) : figure(value)
    }
    const text = (field: string, value: unknown): string => {
      if (value === null || value === undefined) return '–'
      if (typeof value === 'number') return number(field, value)
      if (typeof value === 'boolean') return t(value ? 'compare.yes' : 'compare.no')
      if (typeof value !== 'string') return JSON.stringify(value)
      const key = `${words[field] ?? ''}${value}`
      return words[field] !== undefined && i18n.exists(key) ? t(key as 'form.auto') : value
    }
    return { name, text }
  }, [t, i18n, formats])
}
