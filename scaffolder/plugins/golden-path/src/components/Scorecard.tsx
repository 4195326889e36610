import { stringifyEntityRef } from '@backstage/catalog-model';
import { Progress, useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { Alert, Button, ButtonLink, Flex, Text } from '@backstage/ui';
import { ReactNode } from 'react';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { goldenPathApiRef, Judged } from '../api/GoldenPathApi';
import { ComponentScore, Report } from '../api/report';
import { useGuide, WithGuides } from './Guides';
import styles from './styles.module.css';

export interface Score {
  at: string;
  report: Report;
  component: ComponentScore;
}

/** Shows what was found of the entity, or says why there is nothing to show, and what to do. */
export const WithScore = ({
  children,
}: {
  children: (score: Score) => ReactNode;
}) => {
  const { entity } = useEntity();
  const api = useApi(goldenPathApiRef);
  const { value, loading, error, retry } = useAsyncRetry(
    () => api.latest(stringifyEntityRef(entity)),
    [api, entity],
  );
  if (loading) return <Progress />;
  if (error) {
    return (
      <Alert
        status="danger"
        icon
        title="The scorecard could not be read"
        description={`Tech Insights said: ${error.message}. It may be down, or you may not read its facts.`}
        customActions={
          <Button size="small" variant="secondary" onPress={retry}>
            Try again
          </Button>
        }
      />
    );
  }
  return <>{found(value, children)}</>;
};

function found(
  judged: Judged | undefined,
  children: (score: Score) => ReactNode,
): ReactNode {
  if (!judged) {
    return (
      <Alert
        status="info"
        icon
        title="Not judged yet"
        description="The next run of the fact retriever goldenpath judges this component. If none comes, techInsights.factRetrievers.goldenpath is missing in the backend's configuration."
      />
    );
  }
  const { at, facts } = judged;
  const component = facts.report?.components[0];
  if (!facts.report || !component) {
    return (
      <Alert
        status="warning"
        icon
        title="Every check is unknown"
        description={`This component could not be judged: ${facts.reason}. Mend that (often it is the annotation backstage.io/source-location, or the right to read the repository); the next run judges it again.`}
      />
    );
  }
  if (!component.in_scope) {
    return (
      <Alert
        status="info"
        icon
        title="Not judged"
        description={`The contract ${facts.report.contract.name} asks nothing of a component of this type and lifecycle.`}
      />
    );
  }
  return (
    <WithGuides>{children({ at, report: facts.report, component })}</WithGuides>
  );
}

/** The one thing to do now. */
export const NextAction = ({ component }: { component: ComponentScore }) => {
  const { next } = component;
  const guide = useGuide(next?.docs);
  if (!next) {
    return (
      <Text as="p">Nothing is left to do: every required check is met.</Text>
    );
  }
  return (
    <Flex direction="column" gap="2" align="start">
      <Text as="p" className={styles.text}>
        <strong>
          Next, for {next.tier} ({next.effort}):
        </strong>{' '}
        {next.summary}
      </Text>
      {guide && (
        <ButtonLink {...guide} variant="primary" size="small">
          Fix guide of {next.check}
        </ButtonLink>
      )}
    </Flex>
  );
};
