import { TableOutlined } from '@ant-design/icons'
import { Button, Checkbox, Popover } from 'antd'
import { useTranslation } from 'react-i18next'
import { type HistoryColumn, historyColumns } from './TaskHistoryTable'

/** Which columns the history shows; this browser remembers them. */
export function ColumnChoice(props: {
  columns: readonly HistoryColumn[]
  onColumns: (columns: readonly HistoryColumn[]) => void
}) {
  const { t } = useTranslation()
  const choice = (
    <Checkbox.Group<HistoryColumn>
      className="column-choice"
      aria-label={t('task.columns')}
      value={[...props.columns]}
      onChange={props.onColumns}
      options={historyColumns.map((value) => ({ value, label: t(`task.column_${value}`) }))}
    />
  )
  return (
    <Popover content={choice} trigger="click" placement="bottomRight">
      <Button size="small" icon={<TableOutlined />}>
        {t('task.columns')}
      </Button>
    </Popover>
  )
}
