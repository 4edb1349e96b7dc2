import { describe, expect, it } from 'vitest'
import { departures } from './departures'
import { initialValues } from './formValues'

describe('departures', () => {
  it('names the parts that a saved question has other figures in, in their order', () => {
    const now = {
      ...initialValues,
      inference: {
        ...initialValues.inference,
        input_seq_length: 8192,
        weight_dtype: 'fp8' as const,
      },
      search_constraints: { ...initialValues.search_constraints, max_tpot_ms: 20, max_chips: 16 },
    }
    expect(departures(now, initialValues)).toEqual(['model', 'chips', 'load', 'limits'])
    expect(departures(now, now)).toEqual([])
  })
})
