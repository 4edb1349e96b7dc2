import { InputNumber, type InputNumberProps } from 'antd'

/** A priority, as the service takes it. */
export function PriorityInput(props: InputNumberProps<number>) {
  return <InputNumber<number> size="small" min={-100} max={100} precision={0} {...props} />
}
