import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { chipsQuery } from '@/api/catalogue'
import { useFormats } from '@/i18n/useFormats'
import { NumberField } from './NumberField'
import { useFormValue } from './useFormValue'

/** The rent of a chip; left empty it is the catalogue's, which some have none of. */
export function PriceField() {
  const { t } = useTranslation()
  const { usd } = useFormats()
  const { data: chips = [] } = useQuery(chipsQuery)
  const hardware = useFormValue('hardware')
  const chip =
    hardware?.source === 'preset' ? chips.find(({ name }) => name === hardware.preset) : undefined
  const listed = chip?.price_usd_per_hour
  return (
    <NumberField
      name={['economics', 'chip_usd_per_hour']}
      label={t('ask.price')}
      tooltip={t('ask.priceHint')}
      unit="USD"
      bounds={{ min: 0.0001 }}
      message={t('ask.priceWrong')}
      placeholder={
        listed == null ? t(chip === undefined ? 'ask.priceOwn' : 'ask.priceNone') : usd(listed)
      }
    />
  )
}
