import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber } from 'antd'
import { useTranslation } from 'react-i18next'
import { modelsQuery } from '@/api/catalogue'
import { takesImages } from './media'
import { useFormValue } from './useFormValue'

function MediaField(props: {
  name: 'images_per_request' | 'image_tokens'
  label: string
  min: number
  placeholder: string
  message: string
}) {
  const { name, label, min, placeholder, message } = props
  return (
    // What another model can't take in is forgotten with the field.
    <Form.Item
      name={['inference', name]}
      label={label}
      rules={[{ type: 'integer', min, message }]}
      preserve={false}
    >
      <InputNumber min={min} precision={0} controls={false} placeholder={placeholder} />
    </Form.Item>
  )
}

/** Images of each request, for models that take them in. */
export function MediaInputs() {
  const { t } = useTranslation()
  const { data: models = [] } = useQuery(modelsQuery)
  const model = useFormValue('model')
  const images = useFormValue('inference')?.images_per_request ?? 0
  if (model === undefined || !takesImages(model, models)) return null
  return (
    <>
      <div className="row row-2">
        <MediaField
          name="images_per_request"
          label={t('form.images')}
          min={0}
          placeholder="0"
          message={t('form.wholeNumber')}
        />
        {images > 0 && (
          <MediaField
            name="image_tokens"
            label={t('form.imageTokens')}
            min={1}
            placeholder={t('form.asModel')}
            message={t('form.positiveInteger')}
          />
        )}
      </div>
      {images > 0 && <p className="hint">{t('form.imagesHint')}</p>}
    </>
  )
}
