import { UploadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useExperimentActions } from './useExperimentActions'

/** Takes a file that an experiment was exported to. */
export function ImportExperiment() {
  const { t } = useTranslation()
  const { restore } = useExperimentActions()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label={t('experiments.importFile')}
        onChange={({ target }) => {
          const file = target.files?.[0]
          if (file !== undefined) restore.mutate(file)
          // The same file may be chosen again.
          target.value = ''
        }}
      />
      <Button
        icon={<UploadOutlined />}
        loading={restore.isPending}
        title={t('experiments.importHint')}
        onClick={() => input.current?.click()}
      >
        {t('experiments.import')}
      </Button>
    </>
  )
}
