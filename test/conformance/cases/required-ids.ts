/** How many cases each group of the Autobahn testsuite has, of those that are played byte by byte: sections 1 to 7 and 10. */
const GROUP_SIZES: readonly (readonly [group: string, size: number])[] = [
  ['1.1', 8],
  ['1.2', 8],
  ['2', 11],
  ['3', 7],
  ['4.1', 5],
  ['4.2', 5],
  ['5', 20],
  ['6.1', 3],
  ['6.2', 4],
  ['6.3', 2],
  ['6.4', 4],
  ['6.5', 5],
  ['6.6', 11],
  ['6.7', 4],
  ['6.8', 2],
  ['6.9', 4],
  ['6.10', 3],
  ['6.11', 5],
  ['6.12', 8],
  ['6.13', 5],
  ['6.14', 10],
  ['6.15', 1],
  ['6.16', 3],
  ['6.17', 5],
  ['6.18', 5],
  ['6.19', 5],
  ['6.20', 7],
  ['6.21', 8],
  ['6.22', 34],
  ['6.23', 7],
  ['7.1', 6],
  ['7.3', 6],
  ['7.5', 1],
  ['7.7', 13],
  ['7.9', 13],
  ['7.13', 2],
  ['10.1', 1],
]

/** The same of the cases that echo messages: sections 9, 12 and 13. */
const ECHO_GROUP_SIZES: readonly (readonly [group: string, size: number])[] = [
  ['9.1', 6],
  ['9.2', 6],
  ['9.3', 9],
  ['9.4', 9],
  ['9.5', 6],
  ['9.6', 6],
  ['9.7', 6],
  ['9.8', 6],
  ['12.1', 18],
  ['12.2', 18],
  ['12.3', 18],
  ['12.4', 18],
  ['12.5', 18],
  ['13.1', 18],
  ['13.2', 18],
  ['13.3', 18],
  ['13.4', 18],
  ['13.5', 18],
  ['13.6', 18],
  ['13.7', 18],
]

/** The number of every case that is played byte by byte, in the suite's order. */
export const REQUIRED_IDS: readonly string[] = idsOf(GROUP_SIZES)

/** The number of every case that echoes messages, in the suite's order. */
export const REQUIRED_ECHO_IDS: readonly string[] = idsOf(ECHO_GROUP_SIZES)

function idsOf(groups: readonly (readonly [group: string, size: number])[]): string[] {
  return groups.flatMap(([group, size]) =>
    Array.from({ length: size }, (_, index) => `${group}.${index + 1}`),
  )
}
