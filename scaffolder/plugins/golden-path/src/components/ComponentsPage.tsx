import {
  Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { Progress, useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import {
  catalogApiRef,
  EntityRefLink,
  entityRouteParams,
  entityRouteRef,
  getEntityRelations,
  humanizeEntityRef,
} from '@backstage/plugin-catalog-react';
import {
  Alert,
  Button,
  Card,
  CardBody,
  CardHeader,
  Cell,
  CellText,
  ColumnConfig,
  Container,
  Flex,
  Link,
  Select,
  Table,
  Text,
  useTable,
} from '@backstage/ui';
import pLimit from 'p-limit';
import { useState } from 'react';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { GoldenPathApi, goldenPathApiRef } from '../api/GoldenPathApi';
import { CheckResult, isOpen, tierName } from '../api/report';
import { useGuide, WithGuides } from './Guides';
import { Tier } from './Tier';
import styles from './styles.module.css';

/** A browser has six connections to a host. */
const AT_ONCE = 6;
const MOST = 5;
const ALL = 'all';

/** What the page keeps of a component: reports are long, and some hundred of them would be much to hold. */
interface Row {
  id: string;
  name: string;
  entity: Entity;
  owner: string | undefined;
  tier: string | null;
  /** The place of its tier in the contract, from below. */
  rank: number;
  /** Why there is no tier to show: not judged, or not to be judged. */
  note: string;
  open: CheckResult[];
}

async function rowOf(entity: Entity, api: GoldenPathApi): Promise<Row> {
  const [owner] = getEntityRelations(entity, 'ownedBy');
  const row: Row = {
    id: stringifyEntityRef(entity),
    name: entity.metadata.title ?? entity.metadata.name,
    entity,
    owner: owner && stringifyEntityRef(owner),
    tier: null,
    rank: -1,
    note: '',
    open: [],
  };
  const judged = await api.latest(row.id).catch((error: Error) => error);
  if (!judged) return { ...row, note: 'Not judged yet' };
  if (judged instanceof Error) {
    return { ...row, note: `Could not be read: ${judged.message}` };
  }
  const { reason, report } = judged.facts;
  const component = report?.components[0];
  if (!report || !component) return { ...row, note: `Unknown: ${reason}` };
  if (!component.in_scope)
    return { ...row, note: 'Not judged by the contract' };
  return {
    ...row,
    tier: component.tier,
    rank: report.contract.tiers.indexOf(component.tier ?? ''),
    open: component.checks.filter(isOpen),
  };
}

export const ComponentsPage = () => {
  const api = useApi(goldenPathApiRef);
  const catalog = useApi(catalogApiRef);
  const { value, loading, error, retry } = useAsyncRetry(async () => {
    const { items } = await catalog.getEntities({
      filter: { kind: 'component' },
      fields: [
        'kind',
        'metadata.name',
        'metadata.namespace',
        'metadata.title',
        'relations',
      ],
    });
    const limit = pLimit(AT_ONCE);
    return Promise.all(items.map(item => limit(() => rowOf(item, api))));
  }, [api, catalog]);

  return (
    <Container py="4" data-golden-path>
      {loading && <Progress />}
      {error && (
        <Alert
          status="danger"
          icon
          title="The components could not be read"
          description={`The catalog said: ${error.message}`}
          customActions={
            <Button size="small" variant="secondary" onPress={retry}>
              Try again
            </Button>
          }
        />
      )}
      {value && (
        <WithGuides>
          <Components rows={value} />
        </WithGuides>
      )}
    </Container>
  );
};

function Components({ rows }: { rows: Row[] }) {
  const [tier, setTier] = useState(ALL);
  const [owner, setOwner] = useState(ALL);
  const shown = rows.filter(
    row =>
      (tier === ALL || tierName(row.tier) === tier) &&
      (owner === ALL || row.owner === owner),
  );
  const owners = distinct(rows.flatMap(row => row.owner ?? []));
  return (
    <Flex direction="column" gap="4">
      <Flex gap="4">
        <Filter
          label="Tier"
          value={tier}
          onChange={setTier}
          options={distinct(rows.map(row => tierName(row.tier)))}
        />
        <Filter
          label="Owner"
          value={owner}
          onChange={setOwner}
          options={owners}
          name={ref =>
            humanizeEntityRef(parseEntityRef(ref), { defaultKind: 'group' })
          }
        />
      </Flex>
      <FailsMost rows={shown} />
      <List rows={shown} />
    </Flex>
  );
}

function Filter(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: string[];
  name?: (option: string) => string;
}) {
  return (
    <Select
      label={props.label}
      value={props.value}
      onChange={key => props.onChange(String(key))}
      options={[
        { value: ALL, label: 'All' },
        ...props.options.map(option => ({
          value: option,
          label: props.name?.(option) ?? option,
        })),
      ]}
    />
  );
}

/** The checks that the most components do not meet. */
function FailsMost({ rows }: { rows: Row[] }) {
  const open = rows.flatMap(row => row.open);
  const most = distinct(open.map(check => check.id))
    .map(id => open.filter(check => check.id === id))
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST);
  return (
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-x-small">
          What fails most
        </Text>
      </CardHeader>
      <CardBody>
        {most.length === 0 && <Text as="p">Nothing fails here.</Text>}
        <ul className={styles.list}>
          {most.map(([check, ...others]) => (
            <li key={check.id}>
              <Text as="span" className={styles.text}>
                <strong>{others.length + 1}</strong> of {rows.length}:{' '}
                {check.title}{' '}
              </Text>
              <Guide check={check} />
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function Guide({ check }: { check: CheckResult }) {
  const guide = useGuide(check.fix?.docs);
  return guide ? <Link {...guide}>{check.id}</Link> : null;
}

function List({ rows }: { rows: Row[] }) {
  const page = useRouteRef(entityRouteRef);
  const columns: ColumnConfig<Row>[] = [
    {
      id: 'name',
      label: 'Component',
      isRowHeader: true,
      isSortable: true,
      cell: row => (
        <CellText
          title={row.name}
          href={page && `${page(entityRouteParams(row.entity))}/scorecard`}
        />
      ),
    },
    {
      id: 'tier',
      label: 'Tier',
      isSortable: true,
      cell: row => (
        <Cell>
          <Tier tier={row.tier} />
        </Cell>
      ),
    },
    {
      id: 'owner',
      label: 'Owner',
      isSortable: true,
      cell: row => (
        <Cell>
          {row.owner && (
            <EntityRefLink entityRef={row.owner} defaultKind="group" />
          )}
        </Cell>
      ),
    },
    {
      id: 'open',
      label: 'What fails',
      isSortable: true,
      cell: row => (
        <Cell>
          <Text as="span" className={styles.text}>
            {row.note ||
              row.open.map(check => check.id).join(', ') ||
              'Nothing'}
          </Text>
        </Cell>
      ),
    },
  ];
  const { tableProps } = useTable({
    mode: 'complete',
    data: rows,
    paginationOptions: { pageSize: 20 },
    initialSort: { column: 'open', direction: 'descending' },
    sortFn: (data, { column, direction }) =>
      data
        .slice()
        .sort(
          (a, b) =>
            compare(a, b, String(column)) *
              (direction === 'descending' ? -1 : 1) ||
            a.name.localeCompare(b.name),
        ),
  });
  return (
    <Table
      {...tableProps}
      columnConfig={columns}
      emptyState={<Text>No component is there to be judged.</Text>}
    />
  );
}

function compare(a: Row, b: Row, column: string): number {
  switch (column) {
    case 'open':
      return a.open.length - b.open.length;
    case 'tier':
      return a.rank - b.rank;
    case 'owner':
      return (a.owner ?? '').localeCompare(b.owner ?? '');
    default:
      return a.name.localeCompare(b.name);
  }
}

function distinct(values: string[]): string[] {
  return [...new Set(values)].sort();
}
