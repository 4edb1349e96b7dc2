import { useTranslation } from 'react-i18next'
import { useFormats } from '@/i18n/useFormats'

const link = /^topology\.links\.(c2c|b2b|r2r|p2p)\.(bandwidth|latency)$/
const peak = /^hardware\.peak_flops(?:\.(\w+))?$/

/** Names of hardware figures by the request's fields; a field without a name is told as it is. */
export function useFigureNames() {
  const { t } = useTranslation()
  const { teraflops, bandwidth, ms } = useFormats()
  const name = (field: string): string => {
    const ofLink = link.exec(field)
    if (ofLink !== null) {
      const tier = ofLink[1] as 'c2c' | 'b2b' | 'r2r' | 'p2p'
      const what = ofLink[2] as 'bandwidth' | 'latency'
      return t(`figures.link_${what}`, { tier: t(`figures.tier_${tier}`) })
    }
    const ofPeak = peak.exec(field)
    if (ofPeak !== null) return [t('figures.peakFlops'), ofPeak[1]].filter(Boolean).join(' ')
    switch (field) {
      case 'hardware.memory_bandwidth':
        return t('figures.memoryBandwidth')
      case 'hardware.kernel_latency':
        return t('figures.kernelLatency')
      case 'inference.step_overhead':
        return t('figures.stepOverhead')
      case 'inference.pool_handover':
        return t('figures.poolHandover')
      case 'engine.host':
        return t('figures.host')
      default:
        return field
    }
  }
  const amount = (value: number | null, unit: string): string => {
    if (value === null) return '–'
    switch (unit) {
      case 'FLOP/s':
        return `${teraflops(value)}\u00a0TFLOP/s`
      case 'bytes/s':
        return bandwidth(value)
      case 's':
        return ms(value * 1000)
      default:
        return `${value} ${unit}`
    }
  }
  return { name, amount }
}
