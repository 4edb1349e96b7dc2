import type { Experiment } from '@/api/types'

/** Experiments whose name has this text in it, in whatever case. */
export function experimentsNamed<T extends Pick<Experiment, 'name'>>(
  experiments: readonly T[],
  text: string,
): readonly T[] {
  const wanted = text.trim().toLowerCase()
  return wanted === ''
    ? experiments
    : experiments.filter(({ name }) => name.toLowerCase().includes(wanted))
}
