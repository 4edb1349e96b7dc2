import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { modelsQuery } from '@/api/catalogue'
import { takesImages } from './media'
import { NumberField } from './NumberField'
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
    <NumberField
      name={['inference', name]}
      label={label}
      bounds={{ min, integer: true }}
      message={message}
      placeholder={placeholder}
      preserve={false}
    />
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
