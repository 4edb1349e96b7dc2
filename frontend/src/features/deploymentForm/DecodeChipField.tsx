import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { chipsQuery } from '@/api/catalogue'
import { usePresetTitle } from '@/i18n/usePresetTitle'

/** Another chip for the decode pools; left empty, both pools have the same. */
export function DecodeChipField() {
  const { t } = useTranslation()
  const presetTitle = usePresetTitle()
  const { data: chips = [], isPending } = useQuery(chipsQuery)
  return (
    <Form.Item name="decode_hardware" label={t('ask.decodeChip')}>
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        loading={isPending}
        placeholder={t('ask.decodeChipSame')}
        options={chips.map((chip) => ({ value: chip.name, label: presetTitle(chip) }))}
      />
    </Form.Item>
  )
}
