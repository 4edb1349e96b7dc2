import { TableOutlined } from '@ant-design/icons'
import { Button, Checkbox, Popover } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

interface ColumnChoiceProps<K extends string> {
  options: readonly { readonly value: K; readonly label: ReactNode }[]
  columns: readonly K[]
  onColumns: (columns: readonly K[]) => void
  /** Goes back to the columns that are shown without a choice. */
  onUsual?: (() => void) | undefined
}

/** Which columns a table shows. */
export function ColumnChoice<K extends string>(props: ColumnChoiceProps<K>) {
  const { options, columns, onColumns, onUsual } = props
  const { t } = useTranslation()
  const choice = (
    <>
      <Checkbox.Group<K>
        className="column-choice"
        aria-label={t('task.columns')}
        value={[...columns]}
        onChange={onColumns}
        options={[...options]}
      />
      {onUsual !== undefined && (
        <Button size="small" type="link" onClick={onUsual}>
          {t('task.usualColumns')}
        </Button>
      )}
    </>
  )
  return (
    <Popover content={choice} trigger="click" placement="bottomRight">
      <Button size="small" icon={<TableOutlined />}>
        {t('task.columns')}
      </Button>
    </Popover>
  )
}
