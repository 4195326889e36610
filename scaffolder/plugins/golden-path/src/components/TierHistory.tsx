import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import {
  Alert,
  Card,
  CardBody,
  CardHeader,
  Text,
  VisuallyHidden,
} from '@backstage/ui';
import useAsync from 'react-use/esm/useAsync';
import { goldenPathApiRef, Judged } from '../api/GoldenPathApi';
import { tierName } from '../api/report';
import styles from './styles.module.css';

const DAYS = 90;
const WIDTH = 640;
const LEFT = 72;
const STEP = 28;

interface Change {
  at: string;
  tier: string;
}

/** When a tier was reached or lost. What could not be judged says nothing about a tier. */
export function changes(history: Judged[]): Change[] {
  return history
    .filter(({ facts }) => !facts.reason)
    .map(({ at, facts: { tier } }) => ({ at, tier }))
    .filter(({ tier }, index, all) => tier !== all[index - 1]?.tier);
}

/** The tiers of the last days. */
export const TierHistory = ({ tiers }: { tiers: string[] }) => {
  const { entity } = useEntity();
  const api = useApi(goldenPathApiRef);
  const { value, error } = useAsync(() => {
    const since = new Date();
    since.setDate(since.getDate() - DAYS);
    return api.history(stringifyEntityRef(entity), since);
  }, [api, entity]);

  const found = changes(value ?? []);
  return (
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-x-small">
          History
        </Text>
      </CardHeader>
      <CardBody>
        {error && (
          <Alert
            status="warning"
            icon
            title="The history could not be read"
            description={error.message}
          />
        )}
        {found.length > 0 && <Chart changes={found} tiers={tiers} />}
      </CardBody>
    </Card>
  );
};

/**
 * A line with steps: a tier holds until it changes. Drawn here, because a chart library would weigh more than the
 * plugin; who cannot see it has the same in a table.
 */
function Chart({
  changes: found,
  tiers,
}: {
  changes: Change[];
  tiers: string[];
}) {
  const rows = ['', ...tiers];
  const height = rows.length * STEP;
  const start = Date.parse(found[0].at);
  const span = Math.max(Date.now() - start, 1);
  const x = (at: string) =>
    LEFT + ((Date.parse(at) - start) / span) * (WIDTH - LEFT - 8);
  const y = (tier: string) => height - STEP / 2 - rows.indexOf(tier) * STEP;
  const line = found
    .map(({ at, tier }, index) =>
      index ? `H${x(at)} V${y(tier)}` : `M${x(at)} ${y(tier)}`,
    )
    .join(' ');
  return (
    <>
      <svg
        className={styles.chart}
        viewBox={`0 0 ${WIDTH} ${height + 20}`}
        aria-hidden
      >
        {rows.map(tier => (
          <g key={tier}>
            <text x={LEFT - 12} y={y(tier) + 4} textAnchor="end">
              {tierName(tier)}
            </text>
            <line
              className={styles.grid}
              x1={LEFT}
              x2={WIDTH - 8}
              y1={y(tier)}
              y2={y(tier)}
            />
          </g>
        ))}
        <path className={styles.line} d={`${line} H${WIDTH - 8}`} />
        <text x={LEFT} y={height + 14}>
          {day(found[0].at)}
        </text>
        <text x={WIDTH - 8} y={height + 14} textAnchor="end">
          today
        </text>
      </svg>
      <VisuallyHidden>
        <table>
          <caption>Tiers reached and lost in the last {DAYS} days</caption>
          <thead>
            <tr>
              <th scope="col">Since</th>
              <th scope="col">Tier</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ at, tier }) => (
              <tr key={at}>
                <td>{day(at)}</td>
                <td>{tierName(tier)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}

function day(at: string): string {
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
